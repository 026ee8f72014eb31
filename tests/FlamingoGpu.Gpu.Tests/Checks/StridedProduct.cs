using FlamingoGpu.Kernels;
using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Checks;

/// <summary>
/// A library whose only kernel multiplies [32, K] by [32, K], one warp, with w in shared memory at a chosen distance
/// between its rows: 32 puts all lanes on one bank, 33 on 32 different ones.
/// </summary>
internal sealed class StridedProduct(GpuDevice device, int stride) : IKernelLibrary
{
    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var facts = new KernelFacts
        {
            Purpose = "y = x wT",
            Grid = _ => new GridShape(1),
            Flops = _ => 2 * 32 * 32 * 32,
            Bytes = _ => 3 * 4 * 32 * 32,
        };
        var kernel = PtxKernel.Define($"product_{stride}", new BlockShape(32), facts, k =>
        {
            var x = k.Input<F32>("x", 4);
            var w = k.Input<F32>("w", 4);
            var y = k.Output<F32>("y", 4);
            var rows = SharedArray<F32>(32 * 33);
            var lane = ThreadIdx.X;
            For(0, 32, 1, row => rows[row * stride + lane] = w[row * 32 + lane]);
            Barrier();
            For(0, 32, 1, row =>
            {
                var sum = Var(0f);
                For(0, 32, 1, i => sum.Set(Fma(x[row * 32 + i], rows[lane * stride + i], sum)));
                y[row * 32 + lane] = sum;
            });
        });
        return new GpuLaunch(device, kernel, LaunchSizes.Of(), [inputs[0], inputs[1], output]);
    }
}
