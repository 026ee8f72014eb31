using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>What a device made of a case, compared with the cpu.</summary>
/// <param name="Case">The case.</param>
/// <param name="Variant">Kernel that was chosen; empty when there is none.</param>
/// <param name="Launches">What it launched, with counts on the virtual GPU.</param>
/// <param name="WorstRatio">Largest error over its bound: at most 1 when the results agree; 0 when they are the
/// same.</param>
/// <param name="Problem">Why the case failed, or null.</param>
public sealed record CaseResult(
    OpCase Case, string Variant, IReadOnlyList<LaunchResult> Launches, double WorstRatio, string? Problem)
{
    /// <summary>True when the device has no kernel for the op at these types.</summary>
    public bool IsUnsupported { get; init; }

    /// <summary>Mistakes the virtual GPU found in the kernels.</summary>
    public IEnumerable<Finding> Findings => Launches.SelectMany(launch => launch.Report?.Findings ?? []);

    /// <summary>True when nothing was found and the results agree.</summary>
    public bool IsGood => Problem is null && !Findings.Any();
}
