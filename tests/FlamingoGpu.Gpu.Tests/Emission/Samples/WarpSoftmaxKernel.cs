// Softmax of f32 rows, one warp per row: y = exp(x − max) / Σ exp(x − max). x, y [rows, columns]; any number of columns
// above 0; a row of −∞ alone gives zeros. Grid: rows over warps per block. The row is read three times, later ones
// cached.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal static class WarpSoftmaxKernel
{
    private const float Log2E = 1.44269504f;

    public static PtxKernel Create(string name, int warps)
    {
        var facts = new KernelFacts
        {
            Purpose = "softmax of each row",
            Grid = size => new GridShape(GridShape.Cover(size["rows"], warps)),
            Flops = size => 7 * size["rows"] * size["columns"],
            Bytes = size => 8 * size["rows"] * size["columns"],
        };
        return PtxKernel.Define(name, new BlockShape(32 * warps), facts, k =>
        {
            var x = k.Input<F32>("x");
            var y = k.Output<F32>("y");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var row = BlockIdx.X * warps + WarpId;
            ReturnIf(row >= rows);
            var source = x + Isa.MulWide(row, columns);
            var target = y + Isa.MulWide(row, columns);
            var largest = Var(float.NegativeInfinity);
            For(LaneId, columns, 32, i => largest.Set(Max(largest, source[i])));
            var max = WarpMax(largest);
            var isEmpty = max == float.NegativeInfinity;
            var shift = Select(isEmpty, 0f, max * Log2E);
            var sum = Var(0f);
            For(LaneId, columns, 32, i => sum += Exp2(Isa.FmaRn(source[i], Log2E, -shift)));
            var scale = Select(isEmpty, 0f, 1f / WarpSum(sum));
            For(LaneId, columns, 32, i => target[i] = Exp2(Isa.FmaRn(source[i], Log2E, -shift)) * scale);
        });
    }
}
