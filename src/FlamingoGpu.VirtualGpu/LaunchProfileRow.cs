namespace FlamingoGpu.VirtualGpu;

/// <summary>Sums over the launches of one kernel.</summary>
public sealed class LaunchProfileRow
{
    internal LaunchProfileRow(string kernel, IReadOnlyList<LaunchReport> reports)
    {
        Kernel = kernel;
        Launches = reports.Count;
        Occupancy = reports[0].Occupancy;
        var counters = reports.Select(report => report.Counters).ToArray();
        WarpInstructions = counters.Sum(c => c.WarpInstructions);
        LaneInstructions = counters.Sum(c => c.LaneInstructions);
        GlobalBytesRead = counters.Sum(c => c.GlobalBytesRead);
        GlobalBytesWritten = counters.Sum(c => c.GlobalBytesWritten);
        GlobalSectors = counters.Sum(c => c.GlobalSectors);
        IdealGlobalSectors = counters.Sum(c => c.Instructions.Sum(i => i.IdealGlobalSectors));
        BankConflicts = counters.Sum(c => c.BankConflicts);
        Mix = counters.SelectMany(c => c.Mix).GroupBy(entry => entry.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(entry => entry.Value), StringComparer.Ordinal);
        ConflictsByLine = counters.SelectMany(c => c.Instructions)
            .GroupBy(i => i.Source ?? $"PTX line {i.Line}", StringComparer.Ordinal)
            .Select(group => (Line: group.Key, Conflicts: group.Sum(i => i.SharedWavefronts - i.IdealSharedWavefronts)))
            .Where(line => line.Conflicts > 0)
            .ToDictionary(line => line.Line, line => line.Conflicts, StringComparer.Ordinal);
    }

    /// <summary>Entry name.</summary>
    public string Kernel { get; }

    /// <summary>How many launches.</summary>
    public long Launches { get; }

    /// <summary>Estimate for the shape of the first launch.</summary>
    public Occupancy Occupancy { get; }

    /// <summary>Instructions executed, counted once per warp.</summary>
    public long WarpInstructions { get; }

    /// <summary>Instructions executed, counted once per thread.</summary>
    public long LaneInstructions { get; }

    /// <summary>Bytes threads read from global memory.</summary>
    public long GlobalBytesRead { get; }

    /// <summary>Bytes threads wrote to global memory.</summary>
    public long GlobalBytesWritten { get; }

    /// <summary>32-byte sectors touched in global memory.</summary>
    public long GlobalSectors { get; }

    /// <summary>Sectors the distinct bytes of each request would fill if they lay together.</summary>
    public long IdealGlobalSectors { get; }

    /// <summary>Ideal sectors over touched ones; 1 without any.</summary>
    public double SectorEfficiency => GlobalSectors == 0 ? 1 : IdealGlobalSectors / (double)GlobalSectors;

    /// <summary>Passes over the banks of shared memory beyond the necessary ones.</summary>
    public long BankConflicts { get; }

    /// <summary>The lines with conflicts, by C# place or, without one, by place in the text.</summary>
    public IReadOnlyDictionary<string, long> ConflictsByLine { get; }

    /// <summary>Warp executions by opcode.</summary>
    public IReadOnlyDictionary<string, long> Mix { get; }
}
