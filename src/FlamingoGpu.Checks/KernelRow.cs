using FlamingoGpu.Ptx;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>Counts of one kernel over all launches of the cases that were run on the virtual GPU.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Launches">Its launches.</param>
public sealed record KernelRow(PtxKernel Kernel, IReadOnlyList<LaunchResult> Launches)
{
    /// <summary>Mistakes found.</summary>
    public int Findings => Reports.Sum(report => report.Findings.Count);

    /// <summary>Passes over the banks of shared memory beyond the necessary ones.</summary>
    public long BankConflicts => Reports.Sum(report => report.Counters.BankConflicts);

    /// <summary>Those in the main loop.</summary>
    public long MainLoopConflicts
    {
        get
        {
            var loop = new MainLoop(Launches[0].Launch.Text);
            return Reports.Sum(report => Lints.ConflictsIn(loop, report));
        }
    }

    /// <summary>Sectors the requested bytes would fill over sectors touched, 1 at best.</summary>
    public double SectorEfficiency
    {
        get
        {
            var touched = Reports.Sum(report => report.Counters.GlobalSectors);
            var ideal = Reports.Sum(report => report.Counters.Instructions.Sum(i => i.IdealGlobalSectors));
            return touched == 0 ? 1 : ideal / (double)touched;
        }
    }

    /// <summary>Bytes moved over the least the kernel's facts state.</summary>
    public double BytesRatio =>
        Launches.Sum(launch => launch.BytesMoved) / (double)Math.Max(1, Launches.Sum(launch => launch.Launch.Bytes));

    /// <summary>Registers, shared memory and resident blocks, estimated.</summary>
    public Occupancy? Occupancy => Reports.FirstOrDefault()?.Occupancy;

    /// <summary>Instructions that a warp executes for each of its matrix products, `mma` or `wgmma`; null without
    /// any.</summary>
    public double? InstructionsPerMma
    {
        get
        {
            var products = Reports.SelectMany(report => report.Counters.Instructions)
                .Where(IsProduct).Sum(i => i.WarpExecutions);
            return products == 0 ? null : Reports.Sum(report => report.Counters.WarpInstructions) / (double)products;
        }
    }

    private static bool IsProduct(InstructionCounters instruction) =>
        instruction.Form.StartsWith("mma.", StringComparison.Ordinal)
        || instruction.Form.StartsWith("wgmma.mma_async", StringComparison.Ordinal);

    private IEnumerable<LaunchReport> Reports => Launches.Select(launch => launch.Report).OfType<LaunchReport>();
}
