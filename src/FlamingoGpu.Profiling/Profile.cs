namespace FlamingoGpu.Profiling;

/// <summary>Everything a profiler heard.</summary>
/// <param name="Device">What ran it, for people.</param>
/// <param name="Unit">Unit of the measurements.</param>
/// <param name="Roof">Limits of the device, or null when unknown.</param>
/// <param name="Samples">One for each run of a node, in order.</param>
public sealed record Profile(string Device, ProfileUnit Unit, Roof? Roof, IReadOnlyList<NodeSample> Samples)
{
    /// <summary>True when measurements are counts of the virtual GPU and no time.</summary>
    public bool IsCounted => Unit == ProfileUnit.WarpInstructions;

    /// <summary>Sum over all nodes, in the profile's unit.</summary>
    public double Total => Samples.Sum(sample => sample.Measured.Amount);

    /// <summary>Statistics by op and kernel variant, the largest first.</summary>
    public IReadOnlyList<ProfileRow> Kernels => By(sample => $"{sample.Node.Op.Name} {sample.Variant}");

    /// <summary>Statistics by module of the model, the largest first.</summary>
    public IReadOnlyList<ProfileRow> Modules => By(sample => sample.Module);

    /// <summary>Statistics by any other key.</summary>
    public IReadOnlyList<ProfileRow> By(Func<NodeSample, string> key)
    {
        var total = Total;
        return
        [
            .. Samples.GroupBy(key, StringComparer.Ordinal)
                .Select(group => ProfileRow.Of(group.Key, [.. group], total, IsCounted ? null : Roof))
                .OrderByDescending(row => row.Total).ThenBy(row => row.Name, StringComparer.Ordinal),
        ];
    }
}
