namespace FlamingoGpu.Kernels;

/// <summary>
/// Tile of <see cref="GemmWarpgroup"/>: a block makes M×N results, each of its warpgroups 64 rows of all columns; K steps
/// of the inner axis a stage, so many stages under way.
/// </summary>
internal sealed record WarpgroupTile(int M, int N, int K, int Stages)
{
    /// <summary>Threads of a block.</summary>
    public int Threads => 128 * (M / 64);

    /// <summary>Blocks for [m, n] results.</summary>
    public long Blocks(long m, long n) => (m + M - 1) / M * ((n + N - 1) / N);

    /// <inheritdoc/>
    public override string ToString() => $"{M}x{N}x{K}x{Stages}";
}
