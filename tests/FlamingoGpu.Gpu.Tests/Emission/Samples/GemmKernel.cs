// y = x · Wᵀ + b on the tensor cores: x [M, K], W [N, K] (both row-major), b [N], y [M, N], bf16 with f32 accumulation.
// A block makes a tile of TileM×TileN with 4 warps in 2×2; the inner axis comes in steps of TileK through a ring of
// cp.async stages in swizzled shared memory. K a multiple of 8; M, N any (N even); ragged edges are zero-filled on
// the way
// in and guarded on the way out.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal sealed record GemmTiles(int M, int N, int K, int Stages);

internal static class GemmKernel
{
    private const int Threads = 128;

    public static PtxKernel Create<T>(string name, GemmTiles tile)
        where T : struct, IMatrixElement<T>
    {
        var facts = new KernelFacts
        {
            Purpose = "y = x · Wᵀ + b",
            Grid = size => new GridShape(GridShape.Cover(size["n"], tile.N), GridShape.Cover(size["m"], tile.M)),
            Flops = size => 2 * size["m"] * size["n"] * size["k"],
            Bytes = size => 2 * (size["m"] * size["k"] + size["n"] * size["k"] + size["n"] + size["m"] * size["n"]),
        };
        return PtxKernel.Define(name, new BlockShape(Threads), facts, k =>
        {
            var x = k.Input<T>("x");
            var w = k.Input<T>("w");
            var bias = k.Input<T>("bias");
            var y = k.Output<BF16x2>("y");
            var m = k.Scalar<S32>("m");
            var n = k.Scalar<S32>("n");
            var inner = k.Scalar<S32>("k");

            var row0 = BlockIdx.Y * tile.M;
            var column0 = BlockIdx.X * tile.N;
            var warpRow = (WarpId >> 1) * (tile.M / 2);
            var warpColumn = (WarpId & 1) * (tile.N / 2);

            var ring = new Ring(tile.Stages);
            var a = ring.Tile<T>(tile.M, tile.K);
            var b = ring.Tile<T>(tile.N, tile.K);
            var copyA = a.CopyFrom(x + Isa.MulWide(row0, inner), inner, m - row0);
            var copyB = b.CopyFrom(w + Isa.MulWide(column0, inner), inner, n - column0);
            var readA = a.LeftFactor(warpRow);
            var readB = b.RightFactor(warpColumn);
            var sums = new Accumulator(tile.M / 2, tile.N / 2);

            ring.Run((inner + (tile.K - 1)) / tile.K,
                fill: (stage, step) =>
                {
                    copyA.Start(stage, step * tile.K, inner);
                    copyB.Start(stage, step * tile.K, inner);
                },
                use: (stage, _) =>
                {
                    for (var kk = 0; kk < tile.K; kk += 16)
                    {
                        var left = new Frag<T>[sums.Rows / 16];
                        for (var i = 0; i < left.Length; i++) left[i] = readA.Load(16 * i, kk, stage);
                        var right = new Frag<T>[sums.Columns / 16];
                        for (var i = 0; i < right.Length; i++) right[i] = readB.Load(16 * i, kk, stage);
                        sums.Multiply<T>(left, right);
                    }
                });

            var row = row0 + warpRow + Accumulator.LaneRow;
            var column = column0 + warpColumn + Accumulator.LaneColumn;
            sums.ForEachPair((dr, dc, low, high) => If((row + dr < m) & (column + dc < n), () =>
            {
                var at = column + dc;
                var pair = BF16x2.Round(low + (bias + at)[0].ToF32(), high + (bias + at)[1].ToF32());
                (y + Isa.MulWide(row + dr, n >> 1))[at >> 1] = pair;
            }));
        });
    }
}
