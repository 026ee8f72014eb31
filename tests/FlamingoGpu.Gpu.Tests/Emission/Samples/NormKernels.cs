// Row normalisation: one block per row, sums in f32, the row read twice (the second time from cache).
// RMSNorm: y = x · w / √(mean(x²) + ε). LayerNorm: y = (x − mean) / √(mean((x − mean)²) + ε) · w + b.
// x, y [rows, E], w, b [E]; grid [rows]; any E; 3 reductions at most.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal static class NormKernels
{
    public static PtxKernel RmsNorm<T>(string name, int threads)
        where T : struct, IFloating<T>
    {
        var facts = new KernelFacts
        {
            Purpose = "y = x · w / √(mean(x²) + ε), row by row",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => 4 * size["rows"] * size["hidden"],
            Bytes = size => 4 * size["rows"] * size["hidden"] + 2 * size["hidden"],
        };
        return PtxKernel.Define(name, new BlockShape(threads), facts, k =>
        {
            var x = k.Input<T>("x");
            var weight = k.Input<T>("weight");
            var y = k.Output<T>("y");
            var hidden = k.Scalar<S32>("hidden");
            var epsilon = k.Scalar<F32>("epsilon");

            var start = Isa.MulWide(BlockIdx.X, hidden);
            var source = x + start;
            var target = y + start;
            var sum = Var(0f);
            For(ThreadIdx.X, hidden, BlockDim.X, i =>
            {
                var v = source[i].ToF32();
                sum += v * v;
            });
            var scale = Rsqrt(BlockSum(sum) / hidden.ToF32() + epsilon);
            For(ThreadIdx.X, hidden, BlockDim.X, i =>
                target[i] = (source[i].ToF32() * scale * weight[i].ToF32()).To<T>());
        });
    }

    public static PtxKernel LayerNorm(string name, int threads)
    {
        var facts = new KernelFacts
        {
            Purpose = "y = (x − mean) / √(variance + ε) · w + b, row by row",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => 8 * size["rows"] * size["hidden"],
            Bytes = size => 8 * size["rows"] * size["hidden"] + 8 * size["hidden"],
        };
        return PtxKernel.Define(name, new BlockShape(threads), facts, k =>
        {
            var x = k.Input<F32>("x");
            var weight = k.Input<F32>("weight");
            var bias = k.Input<F32>("bias");
            var y = k.Output<F32>("y");
            var hidden = k.Scalar<S32>("hidden");
            var epsilon = k.Scalar<F32>("epsilon");

            var start = Isa.MulWide(BlockIdx.X, hidden);
            var source = x + start;
            var target = y + start;
            var sum = Var(0f);
            For(ThreadIdx.X, hidden, BlockDim.X, i => sum += source[i]);
            var mean = BlockSum(sum) / hidden.ToF32();

            // Two passes: E[x²] − mean² loses its digits where the mean is large.
            var squares = Var(0f);
            For(ThreadIdx.X, hidden, BlockDim.X, i =>
            {
                var d = source[i] - mean;
                squares += d * d;
            });
            var scale = Rsqrt(BlockSum(squares) / hidden.ToF32() + epsilon);
            For(ThreadIdx.X, hidden, BlockDim.X, i => target[i] = (source[i] - mean) * scale * weight[i] + bias[i]);
        });
    }
}
