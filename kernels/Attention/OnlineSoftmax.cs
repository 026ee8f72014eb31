using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The softmax of some rows whose scores come in pieces (Milakov and Gimelshein, 2018): the largest base-2 score so far
/// and the sum of all weights relative to it. A row that never gets a score ends with norm 0.
/// </summary>
/// <param name="emptySums">For each row what its sum starts as.</param>
internal sealed class OnlineSoftmax(params ReadOnlySpan<F32> emptySums)
{
    // The least number instead of −∞: the distance between two of them is no NaN.
    private readonly Var<F32>[] _largest = Make(emptySums, _ => float.MinValue);
    private readonly Var<F32>[] _sums = Make(emptySums, sum => sum);

    /// <summary>The largest score of a row so far.</summary>
    public F32 Largest(int row) => _largest[row];

    /// <summary>The sum of a row's weights so far.</summary>
    public F32 Sum(int row) => _sums[row];

    /// <summary>Takes the largest of a row's next scores; what was summed so far must be multiplied by the
    /// result.</summary>
    public F32 Raise(int row, F32 largest)
    {
        var now = Max(_largest[row], largest);
        var shrink = Exp2(_largest[row] - now);
        _largest[row].Set(now);
        _sums[row] *= shrink;
        return shrink;
    }

    /// <summary>Adds weights to a row's sum.</summary>
    public void Add(int row, F32 weights) => _sums[row] += weights;

    /// <summary>Adds up sums that neighbouring lanes kept apart.</summary>
    public void Gather(int lanes)
    {
        foreach (var sum in _sums) sum.Set(WarpSum(sum, lanes));
    }

    /// <summary>What a row's weighted values are to be multiplied by in the end.</summary>
    public F32 Norm(int row) => Select(_sums[row].Value == 0f, 0f, 1f / _sums[row]);

    private static Var<F32>[] Make(ReadOnlySpan<F32> sums, Func<F32, F32> first)
    {
        var variables = new Var<F32>[sums.Length];
        for (var i = 0; i < variables.Length; i++) variables[i] = Var(first(sums[i]));
        return variables;
    }
}
