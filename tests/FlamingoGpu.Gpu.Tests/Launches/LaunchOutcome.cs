using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>What a launch reported, and the first thing wrong with its results, or null.</summary>
internal sealed record LaunchOutcome(LaunchReport Report, string? WrongResult)
{
    public bool IsRight => Report.IsClean && WrongResult is null;

    public override string ToString() => string.Join('\n', [.. Report.Findings.Select(f => f.ToString()), WrongResult]);
}
