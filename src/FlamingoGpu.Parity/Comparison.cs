namespace FlamingoGpu.Parity;

/// <summary>Compares arrays and makes the report of a stage.</summary>
internal static class Comparison
{
    /// <summary>Compares numbers.</summary>
    /// <param name="name">Stage.</param>
    /// <param name="expected">What the reference gave.</param>
    /// <param name="actual">What we got; NaN marks positions that are not compared.</param>
    /// <param name="relativeBound">Largest difference as a fraction of max |expected|.</param>
    /// <param name="derivation">Where the bound comes from.</param>
    /// <param name="absoluteCeiling">Largest absolute difference allowed whatever the relative bound says.</param>
    /// <param name="compared">Which positions count, or null for all.</param>
    public static StageReport Numbers(
        string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relativeBound, string derivation,
        double absoluteCeiling = double.PositiveInfinity, bool[]? compared = null)
    {
        if (expected.Length != actual.Length)
            return new StageReport(name, double.PositiveInfinity, double.PositiveInfinity, 0, derivation, false, $"expected {expected.Length} numbers, got {actual.Length}");
        double largest = 0, worst = 0;
        var at = -1;
        for (var i = 0; i < expected.Length; i++)
        {
            if (compared is not null && !compared[i]) continue;
            largest = Math.Max(largest, Math.Abs((double)expected[i]));
            var difference = Math.Abs((double)expected[i] - actual[i]);
            if (!(difference > worst) && !double.IsNaN(difference)) continue;
            (worst, at) = (double.IsNaN(difference) ? double.PositiveInfinity : difference, i);
            if (double.IsInfinity(worst)) break;
        }

        var bound = Math.Min(relativeBound * largest, absoluteCeiling);
        var matches = worst <= bound;
        var detail = matches ? null : FormattableString.Invariant($"at {at}: expected {expected[at]:R}, got {actual[at]:R}");
        return new StageReport(name, worst, largest == 0 ? (worst == 0 ? 0 : double.PositiveInfinity) : worst / largest, bound, derivation, matches, detail);
    }

    /// <summary>Compares bytes or ids, which must be equal.</summary>
    public static StageReport Exact<T>(string name, IReadOnlyList<T> expected, IReadOnlyList<T> actual)
        where T : IEquatable<T>
    {
        var first = Enumerable.Range(0, Math.Min(expected.Count, actual.Count)).FirstOrDefault(i => !expected[i].Equals(actual[i]), -1);
        var equal = first < 0 && expected.Count == actual.Count;
        var detail = equal ? null
            : first >= 0 ? $"at {first}: expected {expected[first]}, got {actual[first]}"
            : $"expected {expected.Count} values, got {actual.Count}";
        return new StageReport(name, equal ? 0 : 1, equal ? 0 : 1, 0, "equal", equal, detail);
    }
}
