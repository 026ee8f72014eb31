using System.Numerics.Tensors;

namespace FlamingoGpu;

/// <summary>Log-probabilities from logits on the host; sums in double, so long vocabularies lose nothing.</summary>
public static class LogProbability
{
    /// <summary>log softmax of one row.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="destination">[vocabulary]; may be the same memory.</param>
    public static void Fill(ReadOnlySpan<float> logits, Span<float> destination)
    {
        var normaliser = LogSumExp(logits);
        for (var i = 0; i < logits.Length; i++) destination[i] = (float)(logits[i] - normaliser);
    }

    /// <summary>log softmax of one row at one id.</summary>
    public static double Of(ReadOnlySpan<float> logits, int id) => logits[id] - LogSumExp(logits);

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var max = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (var logit in logits) sum += Math.Exp((double)logit - max);
        return max + Math.Log(sum);
    }
}
