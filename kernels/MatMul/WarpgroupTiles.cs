using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The tiles of <see cref="GemmWarpgroup"/> and the choice among them: time = waves · (start + steps · step), where a wave
/// is as many blocks as lie on the device at once. The constants are fitted to runs on an H200 (4096³, 8192³ and the
/// models' shapes; bench/results/nvidia-h200/notes.md) and meet most of them within a tenth. They serve to compare tiles,
/// also on relatives with other clocks.
/// </summary>
internal static class WarpgroupTiles
{
    private const double LaunchMicroseconds = 1.5; // a second launch: its gap, start and end
    private const double BytesPerMicrosecond = 4e6; // of parts written and read again

    private static readonly Measured[] s_measured =
    [
        new(new(128, 256, 64, 4), Start: 2.4, Step: 0.80),
        new(new(128, 192, 64, 4), Start: 1.8, Step: 0.62),
        new(new(192, 128, 64, 4), Start: 1.8, Step: 0.64),
        new(new(128, 128, 64, 4), Start: 1.7, Step: 0.50),
        new(new(128, 64, 64, 6), Start: 1.5, Step: 0.29),
        new(new(64, 192, 64, 4), Start: 1.7, Step: 0.49),
        new(new(64, 128, 64, 4), Start: 1.2, Step: 0.43, PairStep: 0.55),
        new(new(64, 64, 64, 6), Start: 1.2, Step: 0.28, PairStep: 0.38),
    ];

    /// <summary>From the most products for each element read to the fewest rows.</summary>
    public static IReadOnlyList<WarpgroupTile> All { get; } = [.. s_measured.Select(measured => measured.Tile)];

    /// <summary>The tile for x [m, k] · w [n, k]ᵀ and in how many parts to cut K.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a hundred guesses for every product of a new size
    public static (WarpgroupTile Tile, int Parts) Choose(int m, int n, int k, int multiprocessors)
    {
        var (best, bestParts, least) = (s_measured[0], 1, double.PositiveInfinity);
        foreach (var measured in s_measured)
        {
            var steps = (k + measured.Tile.K - 1) / measured.Tile.K;
            var most = Math.Min(CombineParts.MostParts(m, n), steps / measured.Tile.Stages);
            for (var parts = 1; parts == 1 || parts <= most; parts++)
            {
                var time = Microseconds(measured, parts, m, n, k, multiprocessors);
                if (time < least) (best, bestParts, least) = (measured, parts, time);
            }
        }

        return (best.Tile, bestParts);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Microseconds(Measured measured, int parts, int m, int n, int k, int multiprocessors)
    {
        var steps = Math.Ceiling(Math.Ceiling((double)k / measured.Tile.K) / parts);
        var blocks = measured.Tile.Blocks(m, n) * parts;
        var (alone, pair) = (measured.Start + steps * measured.Step, measured.Start + steps * measured.PairStep);
        var perWave = multiprocessors * (measured.PairStep > 0 ? 2 : 1);
        var (full, rest) = (blocks / perWave, blocks % perWave);
        var product = full * (perWave > multiprocessors ? pair : alone)
            + (rest == 0 ? 0 : rest <= multiprocessors ? alone : pair);
        return parts == 1 ? product
            : product + LaunchMicroseconds + 4.0 * (parts + 1) * m * n / BytesPerMicrosecond;
    }

    /// <summary>Microseconds on an H200.</summary>
    /// <param name="Tile">The tile.</param>
    /// <param name="Start">From the start of a block to its end, its steps left out.</param>
    /// <param name="Step">A step of a block that has its multiprocessor alone.</param>
    /// <param name="PairStep">A step of both, where two share it; 0 where only one fits.</param>
    private sealed record Measured(WarpgroupTile Tile, double Start, double Step, double PairStep = 0);
}
