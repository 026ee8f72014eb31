// y = x − max − log Σ exp(x − max) + sums[row], −∞ where banned and a number.
// x [rows, columns] f32, rows `pitch` apart; sums [rows] f32; banned [W] words of 32 ids; y [rows, columns] f32, dense,
// may be x itself. One block of 512 threads a row, as LogSoftmaxKernel. Bytes: the row read twice, the second time from
// cache, written once. Any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Scores of all continuations, one block a row.</summary>
internal sealed record BeamScoresKernel(int Vector) : IKernelVariant
{
    private const int Threads = 512;

    public string Name => $"beam_scores_{Vector}";

    /// <summary>A launch of the kernel.</summary>
    public static GpuLaunch Bind(GpuKernels kernels, BoundTensor x, BoundTensor sums, BoundTensor banned, BoundTensor y)
    {
        var (rows, columns) = (y.Rows, checked((int)y.Columns));
        return kernels.Launch(
            new BeamScoresKernel(FloatVectors.WidthFor(columns, x, y)),
            LaunchSizes.Of(("rows", rows), ("columns", columns)), x, sums, banned, y, x.RowPitch, columns);
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y = log_softmax(x) + sum of the row, -inf where banned",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => 5 * size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (8 * size["columns"] + 4) + GridShape.Cover(size["columns"], 8),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var x = k.InputFloats("x", DType.F32, 4 * Vector);
            var sums = k.Input<F32>("sums", 4);
            var banned = k.Input<B32>("banned", 4);
            var y = k.OutputFloats("y", DType.F32, 4 * Vector);
            var pitch = k.Scalar<S64>("pitch");
            var columns = k.Scalar<S32>("columns");

            var row = x + BlockIdx.X.ToS64() * pitch;
            var softmax = SoftmaxSum.OfBlock(row, columns, Vector);
            var (largest, logSum, before) = (softmax.Largest, DeviceLog.Of(softmax.Sum), sums[BlockIdx.X]);
            var result = y + Isa.MulWide(BlockIdx.X, columns);
            For(ThreadIdx.X * Vector, columns, Threads * Vector, column =>
            {
                var values = row.Load(column, Vector);
                var bits = (banned[column >> 5] >> (column & 31)).AsS32();
                for (var i = 0; i < Vector; i++)
                {
                    var score = Isa.AddRn(values[i] - largest - logSum, before);
                    var isBanned = ((bits & (1 << i)) != 0) & (score <= float.PositiveInfinity);
                    values[i] = Select(isBanned, float.NegativeInfinity, score);
                }

                result.Store(column, values);
            });
        });
    }
}
