namespace FlamingoGpu;

/// <summary>Selection of the few largest of many values by insertion; allocates nothing.</summary>
internal static class TopCandidates
{
    /// <summary>Positions of the largest values, falling; equal values by position.</summary>
    /// <param name="values">The values.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="positions">Receives the positions; at least <paramref name="count"/> long.</param>
    /// <returns>How many were found.</returns>
    public static int Select(ReadOnlySpan<float> values, int count, Span<int> positions)
    {
        var found = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (found == count && !(values[i] > values[positions[found - 1]])) continue;
            var place = found < count ? found++ : found - 1;
            for (; place > 0 && values[i] > values[positions[place - 1]]; place--) positions[place] = positions[place - 1];
            positions[place] = i;
        }

        return found;
    }
}
