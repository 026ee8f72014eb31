// y[n] = Σₖ W[n, k] · x[k]: one warp per output, weights bf16 streamed past the caches in 16-byte loads, x and sums
// f32.
// W [N, K] row-major, K a multiple of 8, rows 16-byte aligned; x [K]; y [N]. Grid: N over warps per block.
// Accumulation: f32, four sums per lane, then a butterfly.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal static class GemvKernel
{
    public static PtxKernel Create(string name, int warps)
    {
        var facts = new KernelFacts
        {
            Purpose = "y = W · x, weights bf16",
            Grid = size => new GridShape(GridShape.Cover(size["n"], warps)),
            Flops = size => 2 * size["n"] * size["k"],
            Bytes = size => 2 * size["n"] * size["k"] + 4 * size["k"] + 4 * size["n"],
        };
        return PtxKernel.Define(name, new BlockShape(32 * warps), facts, k =>
        {
            var w = k.Input<BF16>("w");
            var x = k.Input<F32>("x");
            var y = k.Output<F32>("y");
            var outputs = k.Scalar<S32>("n");
            var inner = k.Scalar<S32>("k");

            var output = BlockIdx.X * warps + WarpId;
            ReturnIf(output >= outputs);
            var policy = Isa.CreatepolicyFractionalL2(L2Eviction.EvictFirst);
            var hint = new LoadHint(NonCoherent: true, L1Eviction.NoAllocate, 128, policy);
            var row = (w + Isa.MulWide(output, inner)).As<BF16x2>();
            var sums = new[] { Var(0f), Var(0f), Var(0f), Var(0f) };
            For(LaneId << 3, inner, 256, i =>
            {
                var weights = Isa.LdGlobalV4(row + (i >> 1), hint);
                var low = Isa.LdGlobalV4(x + i);
                var high = Isa.LdGlobalV4(x + i + 4);
                for (var pair = 0; pair < 4; pair++)
                {
                    var from = pair < 2 ? low : high;
                    sums[pair] += weights[pair].LowToF32() * from[2 * (pair % 2)];
                    sums[pair] += weights[pair].HighToF32() * from[2 * (pair % 2) + 1];
                }
            });
            var sum = WarpSum((sums[0] + sums[1]) + (sums[2] + sums[3]));
            When(LaneId == 0, () => y[output] = sum);
        });
    }
}
