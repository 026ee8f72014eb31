namespace FlamingoGpu;

/// <summary>How likely a model finds a given continuation of a prompt.</summary>
/// <param name="TokenIds">The continuation.</param>
/// <param name="TokenLogProbabilities">log p of each token given everything before it.</param>
public sealed record ContinuationScore(
    IReadOnlyList<int> TokenIds, IReadOnlyList<double> TokenLogProbabilities)
{
    /// <summary>Log-probability of the whole continuation.</summary>
    public double Sum => TokenLogProbabilities.Sum();

    /// <summary>Log-probability per token: what open_flamingo ranks by.</summary>
    public double Mean => TokenLogProbabilities.Count == 0 ? 0 : Sum / TokenLogProbabilities.Count;
}
