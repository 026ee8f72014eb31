// Attention without a score matrix, in f32 by fused multiply-adds: o = softmax(q·kᵀ·scale) · v with an online softmax.
// q [H, queries, D], k, v [H, keys, D], o like q. One warp per query, 4 queries per block; blocks [queries/4, H].
// Keys come
// 32 at a time into shared memory: lane j scores key j, then every lane sums its own columns of v.
// D a multiple of 4, at most 128. Causal: query i sees keys up to i + keys − queries.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

internal static class FlashAttentionKernel
{
    private const int Warps = 4;
    private const int Keys = 32;
    private const float Log2E = 1.44269504f;

    public static PtxKernel Create(string name, int headDim, bool isCausal)
    {
        var facts = new KernelFacts
        {
            Purpose = "o = softmax(q · kᵀ · scale) · v",
            Grid = size => new GridShape(GridShape.Cover(size["queries"], Warps), size["heads"]),
            Flops = size => 4 * size["heads"] * size["queries"] * size["keys"] * headDim / (isCausal ? 2 : 1),
            Bytes = size => 8 * size["heads"] * headDim * (size["queries"] + size["keys"]),
        };
        return PtxKernel.Define(name, new BlockShape(32 * Warps), facts, k =>
        {
            var q = k.Input<F32>("q");
            var key = k.Input<F32>("key");
            var value = k.Input<F32>("value");
            var o = k.Output<F32>("o");
            var queries = k.Scalar<S32>("queries");
            var keys = k.Scalar<S32>("keys");
            var scale = k.Scalar<F32>("scale");

            // Rows padded by 16 bytes: the 8 lanes of one 16-byte access then touch different banks.
            const int pad = 4;
            var stride = headDim + pad;
            var qs = SharedArray<F32>(Warps * headDim);
            var ks = SharedArray<F32>(Keys * stride);
            var vs = SharedArray<F32>(Keys * headDim);
            var quads = headDim / 4;
            var head = BlockIdx.Y;
            var query = BlockIdx.X * Warps + WarpId;
            var firstKey = key + Isa.MulWide(head * keys, headDim);
            var firstValue = value + Isa.MulWide(head * keys, headDim);
            var isQuery = query < queries;
            var queryRow = q + Isa.MulWide(head * queries + Select(isQuery, query, 0), headDim);
            for (var d = 0; d < headDim; d += 32)
            {
                When(LaneId + d < headDim, () =>
                    (qs + WarpId * headDim + d)[LaneId] = (queryRow + d)[LaneId] * (scale * Log2E));
            }

            var columns = (headDim + 31) / 32;
            var output = Enumerable.Range(0, columns).Select(_ => Var(0f)).ToArray();
            var max = Var(float.NegativeInfinity);
            var sum = Var(0f);
            var lastSeen = isCausal ? query + (keys - queries) : keys - 1;
            var end = isCausal ? Min(keys, BlockIdx.X * Warps + Warps + (keys - queries)) : keys;
            For(0, end, Keys, start =>
            {
                Barrier();
                For(ThreadIdx.X, Keys * quads, 32 * Warps, i =>
                {
                    var row = i / quads;
                    var d = (i % quads) << 2;
                    var source = Min(start + row, keys - 1);
                    Isa.StSharedV4(ks + (row * stride + d), Isa.LdGlobalV4(firstKey + (source * headDim + d)));
                    Isa.StSharedV4(vs + (row * headDim + d), Isa.LdGlobalV4(firstValue + (source * headDim + d)));
                });
                Barrier();

                var dot = Var(0f);
                for (var d = 0; d < headDim; d += 4)
                {
                    var a = Isa.LdSharedV4((qs + WarpId * headDim).As<F32>() + d);
                    var b = Isa.LdSharedV4((ks + LaneId * stride) + d);
                    for (var e = 0; e < 4; e++) dot += a[e] * b[e];
                }

                var mine = start + LaneId;
                var isSeen = (mine < keys) & (mine <= lastSeen);
                var score = Select(isSeen, dot, float.NegativeInfinity);
                var newMax = Max(max, WarpMax(score));
                var shift = Select(newMax == float.NegativeInfinity, 0f, newMax);
                var weight = Exp2(score - shift);
                var shrink = Exp2(max - shift);
                sum.Set(sum * shrink + WarpSum(weight));
                max.Set(newMax);
                for (var c = 0; c < columns; c++) output[c] *= shrink;
                For(0, Keys, j =>
                {
                    var p = Isa.ShflSync(Shuffle.Index, weight, j);
                    for (var c = 0; c < columns; c++)
                    {
                        var d = Min(LaneId + 32 * c, headDim - 1);
                        output[c] += p * vs[j * headDim + d];
                    }
                });
            });

            var norm = Select(sum.Value == 0f, 0f, 1f / sum);
            var target = o + Isa.MulWide(head * queries + query, headDim);
            for (var c = 0; c < columns; c++)
            {
                var result = output[c] * norm;
                When(isQuery & (LaneId + 32 * c < headDim), () => (target + 32 * c)[LaneId] = result);
            }
        });
    }
}
