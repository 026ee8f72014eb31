using FlamingoGpu.Kernels;
using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Checks;

/// <summary>
/// A library whose only kernel computes x·(1 + error) for <c>Activate(None)</c>, with a fault on demand.
/// </summary>
internal sealed class WrongKernels(GpuDevice device, WrongKernels.Fault fault) : IKernelLibrary
{
    public enum Fault
    {
        None,
        Value,
        WritesBehind,
        LeavesOut,
        Strided,
        ReadsTwice,
        Race,
    }

    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var count = checked((int)output.Shape.ElementCount);
        var facts = new KernelFacts
        {
            Purpose = "y = x",
            Grid = size => new GridShape((size["count"] + 255) / 256),
            Flops = size => size["count"],
            Bytes = size => 8 * size["count"],
        };
        var kernel = PtxKernel.Define($"copy_{fault}", new BlockShape(256), facts, k =>
        {
            var x = k.Input<F32>("x", 4);
            var y = k.Output<F32>("y", 4);
            var n = k.Scalar<S32>("n");
            var i = BlockIdx.X * 256 + ThreadIdx.X;
            var last = fault == Fault.LeavesOut ? n - 1 : fault == Fault.WritesBehind ? n + 1 : n;
            If(i < last, () =>
            {
                // 31 is odd: lanes of a warp read elements far apart, all of them in the end
                var from = fault == Fault.Strided ? i * 31 % n : Min(i, n - 1);
                var value = x[from] * (fault == Fault.Value ? 1.0001f : 1f);
                if (fault == Fault.ReadsTwice) value = (value + x[n - 1 - from] - x[n - 1 - from]);
                y[fault == Fault.Strided ? from : i] = value;
                if (fault == Fault.Race) y[0] = value;
            });
        });
        return new GpuLaunch(device, kernel, LaunchSizes.Of(("count", count)), [inputs[0], output, count]);
    }
}
