namespace FlamingoGpu.Models;

/// <summary>
/// ALiBi slopes: head h adds slope[h] · (key position − query position) to its scores. Two generations of MPT differ
/// when the head count is not a power of two (llm-foundry layers/attention.py, gen_slopes and alibi_bias).
/// </summary>
public static class Alibi
{
    /// <summary>One slope per head.</summary>
    /// <param name="heads">Number of heads.</param>
    /// <param name="biasMax">Largest exponent, 8 in every release.</param>
    /// <param name="generation">Which rule.</param>
    public static float[] Slopes(int heads, double biasMax, AlibiSlopes generation)
    {
        if (generation == AlibiSlopes.MosaicGpt) return Geometric(heads, biasMax);
        var powerOfTwo = 1;
        while (powerOfTwo < heads) powerOfTwo *= 2;
        var slopes = Geometric(powerOfTwo, biasMax);
        if (powerOfTwo == heads) return slopes;
        var oddThenEven = slopes.Where((_, i) => i % 2 == 1).Concat(slopes.Where((_, i) => i % 2 == 0));
        return [.. oddThenEven.Take(heads)];
    }

    private static float[] Geometric(int heads, double biasMax) =>
        [.. Enumerable.Range(1, heads).Select(j => (float)Math.Pow(2, -biasMax * j / heads))];
}
