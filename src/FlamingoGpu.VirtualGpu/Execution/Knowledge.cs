namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// What a warp had seen of other warps at some moment: for each warp of some blocks the clock up to which its accesses
/// happened before. Immutable; travels through fences and atomics from one warp to another.
/// </summary>
internal sealed class Knowledge
{
    private readonly Dictionary<int, uint[]> _clocks;

    private Knowledge(Dictionary<int, uint[]> clocks) => _clocks = clocks;

    public static Knowledge Of(int block, ReadOnlySpan<uint> clocks, Knowledge? others)
    {
        var all = others is null ? [] : new Dictionary<int, uint[]>(others._clocks);
        all[block] = clocks.ToArray();
        return new Knowledge(all);
    }

    public static Knowledge? Join(Knowledge? left, Knowledge? right)
    {
        if (left is null || right is null || ReferenceEquals(left, right)) return left ?? right;
        var all = new Dictionary<int, uint[]>(left._clocks);
        foreach (var (block, clocks) in right._clocks)
        {
            all[block] = all.TryGetValue(block, out var own) ? [.. own.Zip(clocks, Math.Max)] : clocks;
        }

        return new Knowledge(all);
    }

    /// <summary>The clocks known of a block, empty when nothing is.</summary>
    public ReadOnlySpan<uint> ClocksOf(int block) => _clocks.TryGetValue(block, out var clocks) ? clocks : [];

    public bool Covers(int block, int warp, uint clock)
    {
        var clocks = ClocksOf(block);
        return warp < clocks.Length && clock <= clocks[warp];
    }
}
