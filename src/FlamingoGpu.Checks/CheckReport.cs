using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Checks;

/// <summary>What a run of cases showed.</summary>
/// <param name="Results">One for each case.</param>
/// <param name="Probes">Fragment layouts; none on the cpu.</param>
public sealed record CheckReport(IReadOnlyList<CaseResult> Results, IReadOnlyList<FragmentProbe> Probes)
{
    /// <summary>Every kernel that was launched, by name.</summary>
    public IReadOnlyList<KernelRow> Kernels { get; } =
    [
        .. Results.SelectMany(result => result.Launches)
            .GroupBy(launch => launch.Launch.Kernel.Name, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new KernelRow(group.First().Launch.Kernel, [.. group])),
    ];

    /// <summary>Broken rules of <see cref="Checks.Lints"/>, with the case's name.</summary>
    public IReadOnlyList<(string Case, string Problem)> Lints { get; } =
        [.. Results.SelectMany(result => Checks.Lints.Of(result).Select(problem => (result.Case.Name, problem)))];

    /// <summary>
    /// True when every case agrees with the cpu, nothing was found, no rule is broken and layouts are right.
    /// </summary>
    public bool IsGood =>
        Lints.Count == 0 && Results.All(result => result.IsGood) && Probes.All(probe => probe.Problem is null);

    /// <summary>Kernels the library built and no case launched: they have never been checked.</summary>
    public IReadOnlyList<string> Unreached { get; init; } = [];

    /// <summary>Runs cases one after the other, then the probes.</summary>
    /// <param name="runner">Where.</param>
    /// <param name="cases">Which.</param>
    /// <param name="progress">Hears about each case before it runs.</param>
    /// <param name="stop">Ends the run between two cases.</param>
    public static CheckReport Of(
        CaseRunner runner, IEnumerable<OpCase> cases, IProgress<OpCase>? progress = null,
            CancellationToken stop = default)
    {
        var results = new List<CaseResult>();
        foreach (var @case in cases)
        {
            stop.ThrowIfCancellationRequested();
            progress?.Report(@case);
            results.Add(runner.Run(@case));
        }

        var report = new CheckReport(results, runner.Device is GpuDevice gpu ? FragmentProbe.All(gpu) : []);
        var unreached = runner.Built.Except(report.Kernels.Select(row => row.Kernel.Name), StringComparer.Ordinal);
        return report with { Unreached = [.. unreached.Order(StringComparer.Ordinal)] };
    }
}
