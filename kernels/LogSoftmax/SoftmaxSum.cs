using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The largest element of a row and the sum of exponentials relative to it, in every thread of the
/// block.</summary>
internal readonly record struct SoftmaxSum(F32 Largest, F32 Sum)
{
    /// <summary>
    /// Both in one reading of the row: each thread corrects its sum when it meets a larger element. Every thread of the
    /// block must come here.
    /// </summary>
    public static SoftmaxSum OfBlock(FloatPtr row, S32 columns, int vector)
    {
        // From the lowest number, not from −∞: −∞ − −∞ is no number. An element of −∞ then adds 0.
        var (largest, sum) = (Var(float.MinValue), Var(0f));
        For(ThreadIdx.X * vector, columns, BlockDim.X * vector, column =>
        {
            var values = row.Load(column, vector);
            var next = Max(largest, values.Aggregate((a, b) => Max(a, b)));
            sum *= Exp(largest - next);
            foreach (var value in values) sum += Exp(value - next);
            largest.Set(next);
        });
        var all = BlockMax(largest);
        return new SoftmaxSum(all, BlockSum(sum * Exp(largest - all)));
    }
}
