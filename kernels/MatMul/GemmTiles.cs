using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The tiles of <see cref="GemmTensorCore"/> and the choice among them: a model of waves, in clocks of a
/// multiprocessor. Its rates are those of compute capability 9.0 without the instructions of sm_90a: 1024 multiply-adds
/// a clock, 128 bytes through shared memory, 40 from the second-level cache, 20 from memory. Reckoned, not measured.
/// </summary>
internal static class GemmTiles
{
    private const double MultipliesPerClock = 1024;
    private const double SharedBytesPerClock = 128;
    private const double CacheBytesPerClock = 40;
    private const double MemoryBytesPerClock = 20;
    private const double BlockClocks = 1500; // until the first stage has arrived
    private const double LaunchClocks = 2500; // a second launch: its gap, start and end

    /// <summary>From the most products for each element read to the fewest rows.</summary>
    public static IReadOnlyList<GemmTile> All { get; } =
    [
        new(128, 128, 64, 3, 2, 4),
        new(128, 64, 64, 4, 4, 1),
        new(96, 128, 64, 3, 2, 4), // 257 rows, an image of 16×16 patches, are 3 of these with little waste
        new(64, 128, 64, 4, 2, 2),
        new(64, 64, 64, 4, 2, 2),
        new(32, 128, 64, 4, 1, 4),
        new(16, 128, 64, 5, 1, 4),
    ];

    /// <summary>The tile for x [m, k] · w [n, k]ᵀ and in how many parts to cut K.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a hundred guesses for every product of a new size
    public static (GemmTile Tile, int Parts) Choose(int m, int n, int k, int multiprocessors)
    {
        var (best, bestParts, least) = (All[0], 1, double.PositiveInfinity);
        foreach (var tile in All)
        {
            var steps = (k + tile.K - 1) / tile.K;
            var most = Math.Min(CombineParts.MostParts(m, n), steps / tile.Stages);
            for (var parts = 1; parts == 1 || parts <= most; parts++)
            {
                var clocks = Clocks(tile, parts, m, n, k, multiprocessors);
                if (clocks < least) (best, bestParts, least) = (tile, parts, clocks);
            }
        }

        return (best, bestParts);
    }

    /// <summary>How long a product takes, in clocks of a multiprocessor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Clocks(GemmTile tile, int parts, int m, int n, int k, int multiprocessors)
    {
        var steps = Math.Ceiling(Math.Ceiling((double)k / tile.K) / parts);
        var waves = Math.Ceiling(tile.Blocks(m, n) * (double)parts / multiprocessors);
        var copied = 2.0 * (tile.M + tile.N) * tile.K;
        var read = 2.0 * (tile.RowsPerWarp + tile.ColumnsPerWarp) * tile.K * tile.WarpRows * tile.WarpColumns;
        var step = Math.Max(
            tile.M * tile.N * tile.K / MultipliesPerClock,
            Math.Max((copied + read) / SharedBytesPerClock, copied / CacheBytesPerClock));
        var store = 4.0 * tile.M * tile.N / CacheBytesPerClock;
        var memory = MemoryBytesPerClock * multiprocessors;
        var product = Math.Max(waves * (BlockClocks + steps * step + store), 2.0 * k * ((double)n + m) / memory);
        return parts == 1 ? product : product + LaunchClocks + 4.0 * (parts + 1) * m * n / memory;
    }
}
