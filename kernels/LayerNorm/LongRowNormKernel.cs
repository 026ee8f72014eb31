// y = (x − mean) / √(mean((x − mean)²) + ε) · weight + bias over rows too long for registers; mean = 0 and no bias for
// RMS normalisation. Types, layout, groups and in-place use as RowNormKernel.
// One block of 512 threads a row, lanes walk the columns one by one; sums in f32: columns / 512 elements a thread, then
// butterflies, then warps in order. Bytes: the row read three (two) times, all but the first from cache, written once.
// Columns any number from 1.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Normalisation of rows of any length.</summary>
/// <inheritdoc cref="RowNormKernel"/>
internal sealed record LongRowNormKernel(DType In, DType Out, bool Centered, bool Bias, int Groups = 1) : IKernelVariant
{
    private const int Threads = 512;

    public string Name => (Centered ? "layer_norm" : "rms_norm")
        + $"_long_{In.ShortName()}_{Out.ShortName()}{(Bias ? "_bias" : "")}{(Groups > 1 ? $"_{Groups}groups" : "")}";

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
                + (Bias ? 8 : 4) * Groups * size["columns"],
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var x = k.InputFloats("x", In);
            var weight = new NormParameters(k, "weight", Groups, vector: 1);
            var bias = Bias ? new NormParameters(k, "bias", Groups, vector: 1) : null;
            var y = k.OutputFloats("y", Out);
            var pitch = k.Scalar<S64>("pitch");
            k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");
            var epsilon = k.Scalar<F32>("epsilon");

            var whole = Groups > 1 ? BlockIdx.X / Groups : BlockIdx.X;
            var group = Groups > 1 ? BlockIdx.X - whole * Groups : (S32)0;
            var row = x + whole.ToS64() * pitch;
            if (Groups > 1) row += Isa.MulWide(group, columns);
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
                var factor = weight.Load(group, i, 1)[0];
                result[i] = bias is null ? normal * factor : Fma(normal, factor, bias.Load(group, i, 1)[0]);
            });
        });
    }
}
