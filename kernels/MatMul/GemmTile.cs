namespace FlamingoGpu.Kernels;

/// <summary>
/// Tile of <see cref="GemmTensorCore"/>: a block makes M×N results with <paramref name="WarpRows"/> ×
/// <paramref name="WarpColumns"/> warps, K steps of the inner axis a stage, so many stages under way.
/// </summary>
internal sealed record GemmTile(int M, int N, int K, int Stages, int WarpRows, int WarpColumns)
{
    /// <summary>Threads of a block.</summary>
    public int Threads => 32 * WarpRows * WarpColumns;

    /// <summary>Rows of a warp's part; a multiple of 16.</summary>
    public int RowsPerWarp => M / WarpRows;

    /// <summary>Columns of a warp's part; a multiple of 16.</summary>
    public int ColumnsPerWarp => N / WarpColumns;

    /// <summary>Blocks for [m, n] results.</summary>
    public long Blocks(long m, long n) => (m + M - 1) / M * ((n + N - 1) / N);

    /// <inheritdoc/>
    public override string ToString() => $"{M}x{N}x{K}x{Stages}";
}
