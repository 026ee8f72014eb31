// Attention without a score matrix on the tensor cores: o = softmax(q·kᵀ·scale) · v, bf16 with f32 scores and sums.
// q, o [H, queries, D], k, v [H, keys, D], rows 16-byte aligned. A block takes 64 queries of one head, 16 per warp;
// keys come
// in tiles of 32 through a ring of two stages. The probabilities become the left factor of the second product where
// they
// are, in registers. D a multiple of 16, at most 128, without padding (80 is 64 + 16). Grid: queries/64, H.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal static class TensorAttentionKernel
{
    private const int Queries = 64;
    private const int Keys = 32;
    private const float Log2E = 1.44269504f;

    public static PtxKernel Create(string name, int headDim)
    {
        var facts = new KernelFacts
        {
            Purpose = "o = softmax(q · kᵀ · scale) · v",
            Grid = size => new GridShape(GridShape.Cover(size["queries"], Queries), size["heads"]),
            Flops = size => 4 * size["heads"] * size["queries"] * size["keys"] * headDim,
            Bytes = size => 4 * size["heads"] * headDim * (size["queries"] + size["keys"]),
        };
        return PtxKernel.Define(name, new BlockShape(128), facts, k =>
        {
            var q = k.Input<BF16>("q");
            var key = k.Input<BF16>("key");
            var value = k.Input<BF16>("value");
            var o = k.Output<BF16x2>("o");
            var queries = k.Scalar<S32>("queries");
            var keys = k.Scalar<S32>("keys");
            var factor = k.Scalar<F32>("scale") * Log2E;

            var head = BlockIdx.Y;
            var firstQuery = BlockIdx.X * Queries;
            var qTile = SharedTile<BF16>(Queries, headDim);
            var ring = new Ring(2);
            var kTile = ring.Tile<BF16>(Keys, headDim);
            var vTile = ring.Tile<BF16>(Keys, headDim);
            var copyQ = qTile.CopyFrom(
                q + Isa.MulWide(head * queries + firstQuery, headDim), headDim, queries - firstQuery);
            var copyK = kTile.CopyFrom(key + Isa.MulWide(head * keys, headDim), headDim, keys);
            var copyV = vTile.CopyFrom(value + Isa.MulWide(head * keys, headDim), headDim, keys);
            copyQ.Start(Stage.Only, 0);
            Isa.CpAsyncCommitGroup();
            Isa.CpAsyncWaitGroup(0);
            Barrier();

            var readQ = qTile.LeftFactor(WarpId * 16);
            var readK = kTile.RightFactor(0);
            var readV = vTile.RightFactorTransposed(0);
            var query = new Frag<BF16>[headDim / 16];
            for (var i = 0; i < query.Length; i++) query[i] = readQ.Load(0, 16 * i, Stage.Only);

            var output = new Accumulator(16, headDim);
            var max = new[] { Var(float.NegativeInfinity), Var(float.NegativeInfinity) };
            var sum = new[] { Var(0f), Var(0f) };
            ring.Run((keys + (Keys - 1)) / Keys,
                fill: (stage, step) =>
                {
                    copyK.StartAtRow(stage, step * Keys);
                    copyV.StartAtRow(stage, step * Keys);
                },
                use: (stage, step) =>
                {
                    var scores = new Accumulator(16, Keys);
                    for (var i = 0; i < query.Length; i++)
                    {
                        var right = new[] { readK.Load(0, 16 * i, stage), readK.Load(16, 16 * i, stage) };
                        scores.Multiply<BF16>([query[i]], right);
                    }

                    var column = step * Keys + Accumulator.LaneColumn;
                    scores.ForEachPair((_, dc, low, high) =>
                    {
                        low.Set(Select(column + dc < keys, low * factor, float.NegativeInfinity));
                        high.Set(Select(column + (dc + 1) < keys, high * factor, float.NegativeInfinity));
                    });

                    // Every tile has a key that exists, so the largest score is finite from the first tile on.
                    var largest = scores.ReduceRows((a, b) => Max(a, b));
                    var shrink = new F32[2];
                    for (var r = 0; r < 2; r++)
                    {
                        var now = Max(max[r], largest[r]);
                        shrink[r] = Exp2(max[r] - now);
                        max[r].Set(now);
                    }

                    scores.ForEachPair((dr, _, low, high) =>
                    {
                        low.Set(Exp2(low - max[dr / 8]));
                        high.Set(Exp2(high - max[dr / 8]));
                    });
                    var parts = scores.ReduceRows((a, b) => a + b);
                    for (var r = 0; r < 2; r++) sum[r].Set(sum[r] * shrink[r] + parts[r]);
                    output.ForEachPair((dr, _, low, high) =>
                    {
                        low *= shrink[dr / 8];
                        high *= shrink[dr / 8];
                    });

                    for (var kk = 0; kk < Keys; kk += 16)
                    {
                        var right = new Frag<BF16>[headDim / 16];
                        for (var i = 0; i < right.Length; i++) right[i] = readV.Load(kk, 16 * i, stage);
                        output.Multiply<BF16>(scores.ToLeft<BF16>(kk), right);
                    }
                });

            var row = firstQuery + WarpId * 16 + Accumulator.LaneRow;
            for (var r = 0; r < 2; r++)
            {
                var isQuery = row + 8 * r < queries;
                var target = o + Isa.MulWide(head * queries + row + 8 * r, headDim / 2);
                var norm = 1f / sum[r];
                output.ForEachPair((dr, dc, low, high) =>
                {
                    if (dr != 8 * r) return;
                    var pair = BF16x2.Round(low * norm, high * norm);
                    When(isQuery, () => (target + dc / 2)[LaneId & 3] = pair);
                });
            }
        });
    }
}
