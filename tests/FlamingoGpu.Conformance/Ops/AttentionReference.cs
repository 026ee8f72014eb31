using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Softmax attention of one query in double precision, with the bound of an f32 implementation.</summary>
public static class AttentionReference
{
    private const double U = Expectation.U;

    /// <summary>
    /// Writes output[D] at <paramref name="index"/>. Each score is off by δ = roundings(D)·u·scale·Σ|q·k| plus the
    /// rounding of score and bias; a weight is then off by the factor e^2δ and the exponential's own 2u, and the
    /// weighted sum over n keys by roundings(n)·u and the division: |Δo| ≤ Σ pⱼ|vⱼ| · (2·max δ + (roundings(n) + 8)·u).
    /// A query that is itself off by eᵢ moves a score by scale·Σ eᵢ|kᵢ|.
    /// Where weights are rounded to 16 bits before they multiply v (their own sum takes them unrounded), |Δo| grows by
    /// w·Σ pⱼ|vⱼ|, w the roundoff of that type, and for f16 by half its smallest subnormal for each weight,
    /// 2^-25·Σ|vⱼ|: the sum of all weights is at least 1, the weight of the largest score.
    /// </summary>
    public static void Attend(
        Expectation expected, long index, ReadOnlySpan<double> query, IReadOnlyList<double[]> keys, IReadOnlyList<double[]> values,
        double scale, Func<int, double>? bias = null, DType weightType = DType.F32, double[]? queryErrors = null)
    {
        var scores = new double[keys.Count];
        double error = 0;
        for (var key = 0; key < keys.Count; key++)
        {
            double dot = 0, magnitude = 0, moved = 0;
            for (var d = 0; d < query.Length; d++)
            {
                dot += query[d] * keys[key][d];
                magnitude += Math.Abs(query[d] * keys[key][d]);
                moved += (queryErrors?[d] ?? 0) * Math.Abs(keys[key][d]);
            }

            var added = bias?.Invoke(key) ?? 0;
            scores[key] = dot * scale + added;
            var delta = (Expectation.SumRoundings(query.Length) * U * magnitude + moved) * Math.Abs(scale)
                + 2 * U * (Math.Abs(scores[key]) + Math.Abs(added));
            error = Math.Max(error, delta);
        }

        var largest = keys.Count == 0 ? 0 : scores.Max();

        // Subtracting the largest score rounds once more, relative to the difference; weights below e^-30 do not
        // matter.
        error += 30 * U;
        var weights = Array.ConvertAll(scores, score => Math.Exp(score - largest));
        var total = weights.Sum();
        for (var d = 0; d < query.Length; d++)
        {
            double sum = 0, magnitude = 0, unweighted = 0;
            for (var key = 0; key < keys.Count; key++)
            {
                sum += weights[key] / total * values[key][d];
                magnitude += weights[key] / total * Math.Abs(values[key][d]);
                unweighted += Math.Abs(values[key][d]);
            }

            var bound = magnitude * (2 * error + (Expectation.SumRoundings(keys.Count) + 8) * U);
            if (weightType != DType.F32) bound += Expectation.Roundoff(weightType) * magnitude;
            if (weightType == DType.F16) bound += Math.ScaleB(1, -25) * unweighted;
            expected.Set(index + d, sum, bound);
        }
    }

    /// <summary>The type to which a variant rounds its weights: the tensor cores take factors of the type of
    /// v.</summary>
    public static DType WeightType(string variant, DType values) =>
        variant.Contains("_mma_", StringComparison.Ordinal) || variant.Contains("_warpgroup_", StringComparison.Ordinal)
            ? values : DType.F32;

    /// <summary>The D values of a head in each of some rows.</summary>
    public static List<double[]> Head(HostTensor tensor, long firstRow, int count, int head, int dim)
    {
        var rows = new List<double[]>(count);
        for (var row = 0; row < count; row++) rows.Add(tensor.Row(firstRow + row).Slice(head * dim, dim).ToArray());
        return rows;
    }
}
