using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Turns the dot products of a warp's queries and one tile of keys into weights, where they are.</summary>
/// <param name="scores">The dot products; afterwards the weights.</param>
/// <param name="seen">What the lane's queries see, those of rows ℓ/4, ℓ/4 + 8 …</param>
/// <param name="run">Bounds of the tile's keys.</param>
/// <param name="start">First key of the tile.</param>
internal sealed class TileSoftmax(Accumulator scores, QueryRow[] seen, KeyRun run, S32 start)
{
    private readonly bool _hasSlope = seen[0].Slope is not null;

    /// <summary>
    /// Replaces products by weights and adds them to the softmax.
    /// </summary>
    /// <param name="factor">Scale · log₂e, above 0.</param>
    /// <param name="softmax">The queries' softmax; each of a row's four lanes sums its own columns.</param>
    /// <param name="shrink">Gets, before the weights are made, what the weighted sums of earlier tiles must be
    /// multiplied by to refer to the same largest score.</param>
    public void Weigh(F32 factor, OnlineSoftmax softmax, Action<F32[]> shrink)
    {
        if (seen[0].IsAverage is not null) EqualiseAverages();
        if (_hasSlope) AddSlopes(factor);
        If((start < run.SharedFirst) | (start + scores.Columns > run.SharedEnd), Mask);

        var largest = scores.ReduceRows((a, b) => Max(a, b));
        var (factors, shift) = (new F32[seen.Length], new F32[seen.Length]);
        for (var r = 0; r < seen.Length; r++)
        {
            factors[r] = softmax.Raise(r, _hasSlope ? largest[r] : largest[r] * factor);
            shift[r] = -softmax.Largest(r);
        }

        shrink(factors);
        scores.ForEachPair((dr, _, low, high) =>
        {
            low.Set(Exp2(_hasSlope ? low + shift[dr / 8] : Fma(low, factor, shift[dr / 8])));
            high.Set(Exp2(_hasSlope ? high + shift[dr / 8] : Fma(high, factor, shift[dr / 8])));
            softmax.Add(dr / 8, low + high);
        });
    }

    /// <summary>Queries that average see equal scores; there are seldom any.</summary>
    private void EqualiseAverages()
    {
        var isAny = seen.Select(row => row.IsAverage!.Value).Aggregate((a, b) => a | b);
        If(Isa.VoteSyncAny(isAny), () => scores.ForEachPair((dr, _, low, high) =>
        {
            var isAverage = seen[dr / 8].IsAverage!.Value;
            low.Set(Select(isAverage, 0f, low));
            high.Set(Select(isAverage, 0f, high));
        }));
    }

    /// <summary>
    /// score · factor + slope · (key − position). All queries measure from the first one's position: what they differ
    /// by is the same for all their keys, and the softmax does not see it.
    /// </summary>
    private void AddSlopes(F32 factor)
    {
        var slope = seen[0].Slope!.Value;
        var distance = start + Accumulator.LaneColumn - seen[0].Position!.Value;
        var first = slope * distance.ToF32();
        var columns = new F32[scores.Columns];
        for (var c = 0; c < columns.Length; c += 8)
        {
            columns[c] = Fma(slope, c, first);
            columns[c + 1] = Fma(slope, c + 1, first);
        }

        scores.ForEachPair((_, dc, low, high) =>
        {
            low.Set(Fma(low, factor, columns[dc]));
            high.Set(Fma(high, factor, columns[dc + 1]));
        });
    }

    private void Mask()
    {
        var column = start + Accumulator.LaneColumn;
        scores.ForEachPair((dr, dc, low, high) =>
        {
            low.Set(Select(seen[dr / 8].Sees(run, column + dc), low, float.NegativeInfinity));
            high.Set(Select(seen[dr / 8].Sees(run, column + (dc + 1)), high, float.NegativeInfinity));
        });
    }
}
