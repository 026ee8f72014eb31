namespace FlamingoGpu.Profiling;

/// <summary>
/// Statistics of nodes that belong together. Amounts are in the unit of the profile, rates are only there for times.
/// </summary>
/// <param name="Name">What they have in common.</param>
/// <param name="Instances">Runs of nodes.</param>
/// <param name="Share">Part of the whole profile, 0 to 1.</param>
/// <param name="Total">Sum.</param>
/// <param name="Average">Mean.</param>
/// <param name="Median">Middle value; the mean of both middle ones for an even count.</param>
/// <param name="Minimum">Smallest.</param>
/// <param name="Maximum">Largest.</param>
/// <param name="StandardDeviation">Of the sample (n − 1); 0 for one instance.</param>
/// <param name="Flops">Floating-point operations, from the contracts.</param>
/// <param name="Bytes">Least bytes, from the contracts.</param>
/// <param name="RequestedBytes">Bytes of global memory asked for; virtual GPU only.</param>
/// <param name="Sectors">32-byte sectors touched; virtual GPU only.</param>
/// <param name="ShareOfRoof">Least time the device's limits allow over the time taken; null without limits.</param>
/// <param name="UsesTensorCores">True when some of them do.</param>
public sealed record ProfileRow(
    string Name, int Instances, double Share, double Total, double Average, double Median, double Minimum,
        double Maximum,
    double StandardDeviation, long Flops, long Bytes, long RequestedBytes, long Sectors, double? ShareOfRoof,
        bool UsesTensorCores)
{
    /// <summary>Least bytes over the time; meaningless for counts.</summary>
    public double GigabytesPerSecond => Bytes / Total;

    /// <summary>Operations over the time; meaningless for counts.</summary>
    public double TeraflopsPerSecond => Flops / Total / 1e3;

    internal static ProfileRow Of(string name, NodeSample[] samples, double all, Roof? roof)
    {
        double[] amounts = [.. samples.Select(sample => sample.Measured.Amount).Order()];
        var (total, average) = (amounts.Sum(), amounts.Average());
        var squares = amounts.Sum(amount => (amount - average) * (amount - average));
        var least = roof is null
            ? (double?)null
            : 1e9 * samples.Sum(sample =>
                roof.LeastSeconds(sample.Cost.Flops, sample.Cost.Bytes, sample.UsesTensorCores));
        return new ProfileRow(
            name, amounts.Length, all > 0 ? total / all : 0, total, average,
            (amounts[(amounts.Length - 1) / 2] + amounts[amounts.Length / 2]) / 2, amounts[0], amounts[^1],
            amounts.Length > 1 ? Math.Sqrt(squares / (amounts.Length - 1)) : 0,
            samples.Sum(sample => sample.Cost.Flops), samples.Sum(sample => sample.Cost.Bytes),
            samples.Sum(sample => sample.Measured.RequestedBytes), samples.Sum(sample => sample.Measured.Sectors),
            total > 0 ? least / total : null, samples.Any(sample => sample.UsesTensorCores));
    }
}
