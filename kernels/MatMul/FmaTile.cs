namespace FlamingoGpu.Kernels;

/// <summary>
/// Tile of <see cref="GemmFma"/>: a block makes M×N results; a thread makes <paramref name="RowQuads"/> ×
/// <paramref name="ColumnQuads"/> squares of 4×4 of them.
/// </summary>
internal sealed record FmaTile(int M, int N, int RowQuads, int ColumnQuads)
{
    /// <summary>Steps of the inner axis held in shared memory at a time.</summary>
    public const int K = 16;

    /// <summary>Few rows: the weights are read once or twice.</summary>
    public static FmaTile FewRows { get; } = new(16, 128, 1, 1);

    /// <summary>Where large tiles would leave multiprocessors idle.</summary>
    public static FmaTile Medium { get; } = new(64, 64, 1, 1);

    /// <summary>Most products for each element read.</summary>
    public static FmaTile Large { get; } = new(128, 128, 2, 2);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FmaTile> All { get; } = [FewRows, Medium, Large];

    /// <summary>Threads side by side along the columns.</summary>
    public int ThreadColumns => N / (4 * ColumnQuads);

    /// <summary>Threads of a block.</summary>
    public int Threads => ThreadColumns * (M / (4 * RowQuads));

    /// <summary>Blocks for [m, n] results.</summary>
    public long Blocks(long m, long n) => (m + M - 1) / M * ((n + N - 1) / N);

    /// <summary>The tile for [m, n] results on so many multiprocessors.</summary>
    public static FmaTile Choose(long m, long n, int multiprocessors) =>
        m <= FewRows.M ? FewRows
        : Large.Blocks(m, n) >= multiprocessors ? Large
        : Medium;
}
