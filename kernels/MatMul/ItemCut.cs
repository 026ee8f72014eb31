namespace FlamingoGpu.Kernels;

/// <summary>
/// Cuts the rows of a weight into runs to be read by one worker each: long ones first, because a stream takes a while
/// to get going, shorter ones towards the end, so that workers finish together.
/// </summary>
internal static class ItemCut
{
    private const int MinItemBytes = 64 << 10;
    private const int MaxSmallestRows = 32;
    private const int ItemsPerThread = 3;

    /// <summary>First row of each item and, last, the row count; each item takes a share of what is left.</summary>
    /// <param name="rows">Rows of the weight.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="unit">Rows that must not be parted; all items but the last have a multiple.</param>
    /// <param name="threads">Threads to share the rows.</param>
    public static int[] Starts(int rows, long rowBytes, int unit, int threads)
    {
        var least = (int)Math.Clamp(MinItemBytes / Math.Max(1, rowBytes), 1, MaxSmallestRows);
        var starts = new List<int> { 0 };
        for (var left = rows; left > 0;)
        {
            var share = Math.Max(least, left / (ItemsPerThread * threads));
            share = Math.Min(left, (share + unit - 1) / unit * unit);
            left -= share;
            starts.Add(starts[^1] + share);
        }

        return [.. starts];
    }
}
