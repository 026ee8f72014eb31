namespace FlamingoGpu.VirtualGpu;

/// <summary>What many launches did, summed by kernel. Counted, never timed.</summary>
public sealed class LaunchProfile
{
    private readonly Dictionary<string, List<LaunchReport>> _reports = new(StringComparer.Ordinal);

    /// <summary>One row for each kernel, the one with most warp instructions first.</summary>
    public IReadOnlyList<LaunchProfileRow> Rows =>
    [
        .. _reports.Select(entry => new LaunchProfileRow(entry.Key, entry.Value))
            .OrderByDescending(row => row.WarpInstructions)
            .ThenBy(row => row.Kernel, StringComparer.Ordinal),
    ];

    /// <summary>Adds a launch; give it to <see cref="VirtualDriver.Launched"/> to see all of them.</summary>
    public void Add(LaunchReport report)
    {
        if (!_reports.TryGetValue(report.Kernel, out var reports)) _reports.Add(report.Kernel, reports = []);
        reports.Add(report);
    }
}
