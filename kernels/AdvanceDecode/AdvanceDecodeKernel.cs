// The state of a decode loop one step on; see AdvanceDecode. chosen [B], ids [B], past [B], history [B, steps], step [1],
// seen [B, words], y [B], all i32. One block of 128 threads, a thread a row: only that thread touches the row's state, and
// the step number is read by all before one changes it. About 40 bytes a row. B any number.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>One step of the decode loop's integers.</summary>
internal sealed record AdvanceDecodeKernel : IKernelVariant
{
    private const int Threads = 128;

    public string Name => "advance_decode";

    /// <summary>A launch of the kernel.</summary>
    public static GpuLaunch Bind(GpuKernels kernels, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
    {
        var rows = checked((int)y.Shape.ElementCount);
        return kernels.Launch(
            new AdvanceDecodeKernel(), LaunchSizes.Of(("rows", rows)),
            inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], y,
            rows, checked((int)inputs[3].Shape[1]), checked((int)inputs[5].Shape[1]));
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "the chosen ids enter the state of the decode loop",
            Grid = _ => new GridShape(1),
            Flops = _ => 0,
            Bytes = size => 32 * size["rows"] + 8,
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var chosen = k.Input<S32>("chosen", 4);
            var ids = k.Output<S32>("ids", 4);
            var past = k.InOut<S32>("past", 4);
            var history = k.Output<S32>("history", 4);
            var step = k.InOut<S32>("step", 4);
            var seen = k.InOut<S32>("seen", 4);
            var y = k.Output<S32>("y", 4);
            var rows = k.Scalar<S32>("rows");
            var steps = k.Scalar<S32>("steps");
            var words = k.Scalar<S32>("words");

            var now = step[0];
            Barrier();
            When(ThreadIdx.X == 0, () => step[0] = now + 1);
            For(ThreadIdx.X, rows, Threads, row =>
            {
                var id = chosen[row];
                var next = Max(id, 0);
                ids[row] = next;
                y[row] = next;
                past[row] = past[row] + 1;
                When((now >= 0) & (now < steps), () => (history + Isa.MulWide(row, steps))[now] = id);
                var word = id >> 5;
                If((id >= 0) & (word < words), () =>
                {
                    var set = seen + Isa.MulWide(row, words) + word;
                    set[0] = set[0] | ((S32)1 << (id & 31));
                });
            });
        });
    }
}
