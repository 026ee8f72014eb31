// y = (x − mean) / √(var + ε) · weight + bias over the last axis, biased variance in two passes over the row.
// x [rows, columns] of In, rows `pitch` elements apart; weight, bias [columns] f32; y [rows, columns] of Out, dense.
// One block of 256 threads a row, lanes walk the columns; sums in f32, in a fixed order.
// Bytes: the row read three times (twice from cache), written once. Columns any number from 1.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Layer normalisation, one block a row.</summary>
internal sealed record LayerNormKernel(DType In, DType Out, bool Bias) : IKernelVariant
{
    private const int Threads = 256;

    public string Name => $"layer_norm_{In.ShortName()}_{Out.ShortName()}{(Bias ? "_bias" : "")}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y = (x - mean) / sqrt(var + epsilon) * weight + bias",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => 8 * size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (In.ByteSize(size["columns"]) + Out.ByteSize(size["columns"]))
                + (Bias ? 8 : 4) * size["columns"],
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var x = k.InputFloats("x", In);
            var weight = k.Input<F32>("weight", 4);
            var bias = Bias ? k.Input<F32>("bias", 4) : default;
            var y = k.OutputFloats("y", Out);
            var pitch = k.Scalar<S64>("pitch");
            var columns = k.Scalar<S32>("columns");
            var epsilon = k.Scalar<F32>("epsilon");

            var row = x + BlockIdx.X.ToS64() * pitch;
            var result = y + Isa.MulWide(BlockIdx.X, columns);
            var sum = Var(0f);
            For(ThreadIdx.X, columns, Threads, i => sum += row[i]);
            var mean = BlockSum(sum) / columns.ToF32();
            var squares = Var(0f);
            For(ThreadIdx.X, columns, Threads, i =>
            {
                var d = row[i] - mean;
                squares += d * d;
            });
            var scale = 1f / Sqrt(BlockSum(squares) / columns.ToF32() + epsilon);
            For(ThreadIdx.X, columns, Threads, i =>
            {
                var value = (row[i] - mean) * scale * weight[i];
                result[i] = Bias ? value + bias[i] : value;
            });
        });
    }
}
