using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>What remains of a row after the cuts of <see cref="SampleToken"/>, in double precision and by
/// sorting.</summary>
public static class SamplingReference
{
    /// <summary>
    /// How far a device's boundaries may lie from the exact ones, as a part of the total. With u = 2⁻²⁴: a weight e^−d
    /// is off by 4u and by the rounding of its exponent, 2·d·u, of which at most 2·0.37·u counts (d·e^−d ≤ 0.37); a sum
    /// of n weights over at least 128 threads adds n / 128 + 21 roundings. Sum and total both are off, and draw · total
    /// rounds.
    /// </summary>
    public static double Error(int columns) => (2 * (4 + 0.74 + columns / 128.0 + 21) + 2) * Expectation.U;

    /// <summary>The ids kept, in order.</summary>
    public static KeptTokens Kept(SampleToken op, ReadOnlySpan<double> row)
    {
        var scores = Array.ConvertAll(row.ToArray(), value => (double)((float)value / op.Temperature));
        var order = Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).ThenBy(id => id).ToList();
        var best = scores[order[0]];
        double Weight(int id) => Math.Exp(scores[id] - best);
        if (op.TopK > 0) order = [.. order.Take(op.TopK)];
        var margin = double.PositiveInfinity;
        if (op.TopP < 1)
        {
            var (total, sum, kept) = (order.Sum(Weight), 0.0, 0);
            while (kept < order.Count && sum < op.TopP * total) sum += Weight(order[kept++]);
            margin = Math.Min(sum / total - op.TopP, op.TopP - (sum - Weight(order[kept - 1])) / total);
            order = [.. order.Take(kept)];
        }

        if (op.MinP > 0)
        {
            var threshold = (float)best + (float)Math.Log(op.MinP);
            order = [.. order.TakeWhile((id, rank) => rank == 0 || scores[id] >= threshold)];
        }

        return new KeptTokens(order, [.. order.Select(Weight)], margin);
    }
}

/// <summary>Ids in order, their weights, and how far TopP was from keeping another number of them.</summary>
public sealed record KeptTokens(IReadOnlyList<int> Ids, IReadOnlyList<double> Weights, double TopPMargin)
{
    /// <summary>The draw from which on a rank is taken.</summary>
    public double Start(int rank) => Weights.Take(rank).Sum() / Weights.Sum();

    /// <summary>The id that a draw takes.</summary>
    public int IdAt(double draw)
    {
        var rank = 0;
        while (rank < Ids.Count - 1 && Start(rank + 1) <= draw) rank++;
        return Ids[rank];
    }
}
