using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>What some launches reported, and the first thing wrong with their results, or null.</summary>
internal sealed record LaunchOutcome(IReadOnlyList<LaunchReport> Reports, string? WrongResult)
{
    public IEnumerable<Finding> Findings => Reports.SelectMany(report => report.Findings);

    public bool IsRight => !Findings.Any() && WrongResult is null;

    public override string ToString() => string.Join('\n', [.. Findings.Select(f => f.ToString()), WrongResult]);
}
