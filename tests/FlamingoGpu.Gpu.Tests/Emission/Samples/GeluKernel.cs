// y = x · ½(1 + erf(x/√2)), the exact GELU, over f32 elements; four per thread and round by 16-byte accesses, the
// rest one
// by one. Grid: enough blocks to cover count/4, or fewer (grid-stride).

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal static class GeluKernel
{
    public static PtxKernel Create(string name, int threads)
    {
        var facts = new KernelFacts
        {
            Purpose = "y = x · ½(1 + erf(x/√2))",
            Grid = size => new GridShape(Math.Max(1, GridShape.Cover(size["count"] / 4, threads))),
            Flops = size => 30 * size["count"],
            Bytes = size => 8 * size["count"],
        };
        return PtxKernel.Define(name, new BlockShape(threads), facts, k =>
        {
            var x = k.Input<F32>("x");
            var y = k.Output<F32>("y");
            var count = k.Scalar<S32>("count");

            var first = BlockIdx.X * threads + ThreadIdx.X;
            var all = GridDim.X * threads;
            For(first, count >> 2, all, i =>
            {
                var v = Isa.LdGlobalV4(x + (i << 2));
                Isa.StGlobalV4(y + (i << 2), new Vec4<F32>(Gelu(v.X), Gelu(v.Y), Gelu(v.Z), Gelu(v.W)));
            });
            For(((count >> 2) << 2) + first, count, all, i => y[i] = Gelu(x[i]));
        });
    }

    private static F32 Gelu(F32 x) => x * 0.5f * (Erf(x * 0.70710678f) + 1f);
}
