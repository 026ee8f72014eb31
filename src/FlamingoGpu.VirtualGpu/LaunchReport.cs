namespace FlamingoGpu.VirtualGpu;

/// <summary>What one launch did and what was found.</summary>
/// <param name="Kernel">Entry name.</param>
/// <param name="Findings">Mistakes, in order of discovery; empty for a clean launch.</param>
/// <param name="Counters">Counts of the run with the first seed.</param>
/// <param name="Occupancy">Estimate for the launch shape.</param>
public sealed record LaunchReport(
    string Kernel, IReadOnlyList<Finding> Findings, LaunchCounters Counters, Occupancy Occupancy)
{
    /// <summary>True when nothing was found.</summary>
    public bool IsClean => Findings.Count == 0;
}
