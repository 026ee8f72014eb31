// y = x − max − log Σ exp(x − max) over a row.
// x [rows, columns] f32, rows `pitch` apart; y [rows, columns] of Out, dense; may be x itself when Out is f32.
// One block of 512 threads a row, lanes walk the row in vectors of up to 16 bytes. Each thread keeps its largest
// element and the sum of exponentials relative to it, corrected when a larger one comes; the block's largest rescales
// the sums. Sums in f32: columns / 512 terms a thread, then butterflies, then warps in order. A row that holds a NaN
// becomes NaN, a row of only −∞ stays so. Bytes: the row read twice, the second time from cache, written once. Any
// size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Log-probabilities, one block a row.</summary>
internal sealed record LogSoftmaxKernel(DType Out, int Vector) : IKernelVariant
{
    private const int Threads = 512;

    public string Name => $"log_softmax_f32_{Out.ShortName()}_{Vector}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y = x - max - log sum exp(x - max)",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => 4 * size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (4 * size["columns"] + Out.ByteSize(size["columns"])),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var x = k.InputFloats("x", DType.F32, 4 * Vector);
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Vector));
            var pitch = k.Scalar<S64>("pitch");
            var columns = k.Scalar<S32>("columns");

            var row = x + BlockIdx.X.ToS64() * pitch;
            var softmax = SoftmaxSum.OfBlock(row, columns, Vector);
            var (largest, logSum) = (softmax.Largest, DeviceLog.Of(softmax.Sum));
            var result = y + Isa.MulWide(BlockIdx.X, columns);
            For(ThreadIdx.X * Vector, columns, Threads * Vector, column =>
            {
                var values = row.Load(column, Vector);
                result.Store(column, Array.ConvertAll(values, value => value - largest - logSum));
            });
        });
    }
}
