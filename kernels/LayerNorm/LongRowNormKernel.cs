// y = (x − mean) / √(mean((x − mean)²) + ε) · weight + bias over rows too long for registers; mean = 0 and no bias for
// RMS normalisation. Types, layout and in-place use as RowNormKernel.
// One block of 512 threads a row, lanes walk the columns one by one; sums in f32: columns / 512 elements a thread, then
// butterflies, then warps in order. Bytes: the row read three (two) times, all but the first from cache, written once.
// Columns any number from 1.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Normalisation of rows of any length.</summary>
/// <inheritdoc cref="RowNormKernel"/>
internal sealed record LongRowNormKernel(DType In, DType Out, bool Centered, bool Bias) : IKernelVariant
{
    private const int Threads = 512;

    public string Name => (Centered ? "layer_norm" : "rms_norm")
        + $"_long_{In.ShortName()}_{Out.ShortName()}{(Bias ? "_bias" : "")}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = Centered
                ? "y = (x - mean) / sqrt(var + epsilon) * weight + bias"
                : "y = x / sqrt(mean(x^2) + epsilon) * weight",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => (Centered ? 8 : 5) * size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (In.ByteSize(size["columns"]) + Out.ByteSize(size["columns"]))
                + (Bias ? 8 : 4) * size["columns"],
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var x = k.InputFloats("x", In);
            var weight = k.InputFloats("weight", DType.F32);
            var bias = Bias ? k.InputFloats("bias", DType.F32) : default;
            var y = k.OutputFloats("y", Out);
            var pitch = k.Scalar<S64>("pitch");
            k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");
            var epsilon = k.Scalar<F32>("epsilon");

            var row = x + BlockIdx.X.ToS64() * pitch;
            F32 mean = 0f;
            if (Centered)
            {
                var sum = Var(0f);
                For(ThreadIdx.X, columns, Threads, i => sum += row[i]);
                mean = BlockSum(sum) / columns.ToF32();
            }

            var squares = Var(0f);
            For(ThreadIdx.X, columns, Threads, i =>
            {
                var difference = row[i] - mean;
                squares += difference * difference;
            });
            var scale = 1f / Sqrt(BlockSum(squares) / columns.ToF32() + epsilon);
            var result = y + Isa.MulWide(BlockIdx.X, columns);
            For(ThreadIdx.X, columns, Threads, i =>
            {
                var normal = (row[i] - mean) * scale;
                result[i] = Bias ? Fma(normal, weight[i], bias[i]) : normal * weight[i];
            });
        });
    }
}
