using System.Globalization;
using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>
/// What a correct kernel must also do well, judged from counts: no bank conflicts in the main loops of products and
/// attention wherever tensor cores are needed or the shapes are aligned (multiply-add kernels stage odd head sizes and
/// widths with some, which the table shows), whole sectors where the shapes are aligned, and at most 1.1 × the least
/// bytes where memory is the limit.
/// </summary>
public static class Lints
{
    /// <summary>Most bytes a memory-bound case may move, as a multiple of its contract's least.</summary>
    public const double LargestBytesRatio = 1.1;

    /// <summary>The rules a case breaks, one sentence each; none without counts.</summary>
    public static IEnumerable<string> Of(CaseResult result)
    {
        var counted = result.Launches.Where(launch => launch.Report is not null).ToList();
        if (HasMainLoop(result.Case.Op) && (result.Case.NeedsTensorCores || result.Case.IsAligned))
        {
            foreach (var launch in counted)
            {
                var loop = new MainLoop(launch.Launch.Text);
                if (ConflictsIn(loop, launch.Report!) is > 0 and var conflicts)
                    yield return $"{launch.Launch.Kernel.Name}: {conflicts} bank conflicts in the main loop, "
                        + $"most at {WorstConflict(loop, launch.Report!)}";
            }
        }

        if (result.Case.IsAligned)
        {
            foreach (var launch in counted.Where(launch => launch.Report!.Counters.SectorEfficiency < 1))
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{launch.Launch.Kernel.Name}: sector efficiency {launch.Report!.Counters.SectorEfficiency:P1}, "
                    + $"worst at {WorstSectors(launch.Report)}");
        }

        if (result.Case.IsMemoryBound && counted.Count > 0)
        {
            var ratio = BytesRatio(result);
            if (ratio > LargestBytesRatio)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                        $"{result.Variant}: moves {ratio:0.00} × the least bytes of {result.Case.Op.Name}");
        }
    }

    /// <summary>Bytes moved by all launches of a case over the least its contract allows.</summary>
    public static double BytesRatio(CaseResult result) =>
        result.Launches.Sum(launch => launch.BytesMoved) / (double)Math.Max(1, result.Case.Cost.Bytes);

    internal static long ConflictsIn(MainLoop loop, LaunchReport report) =>
        report.Counters.Instructions.Where(i => loop.Holds(i.Line)).Sum(Conflicts);

    private static bool HasMainLoop(Op op) =>
        op is MatMul or Attention or CausalAttention or LatentAttention or MediaCrossAttention;

    private static long Conflicts(InstructionCounters i) => i.SharedWavefronts - i.IdealSharedWavefronts;

    private static string WorstConflict(MainLoop loop, LaunchReport report) =>
        Place(report.Counters.Instructions.Where(i => loop.Holds(i.Line)).MaxBy(Conflicts)!);

    private static string WorstSectors(LaunchReport report) =>
        Place(report.Counters.Instructions.MaxBy(i => i.GlobalSectors - i.IdealGlobalSectors)!);

    private static string Place(InstructionCounters i) => $"{i.Source ?? $"PTX line {i.Line}"} ({i.Form})";
}
