// y = Σ parts · 2^(largest − largest of all) / Σ sums · 2^(…): the splits of AttentionDecode brought together.
// parts [B·H, splits, D] and statistics [B·H, splits, 2] (largest base-2 score, sum) f32; y [B, 1, H·D] of Out, dense.
// Grid [H, B]; each of a block's 4 warps takes every fourth split, lanes the columns, then the warps are added in
// order. Splits without keys have sum 0 and are not read. Bytes: parts and statistics once. D and splits any.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Combines the splits of decode attention.</summary>
/// <param name="Out">Type of the result.</param>
/// <param name="HeadDim">D.</param>
internal sealed record AttentionCombine(DType Out, int HeadDim) : IKernelVariant
{
    private const int Warps = 4;

    /// <inheritdoc/>
    public string Name => $"attention_combine_{Out.ShortName()}_d{HeadDim}";

    private int Columns => (HeadDim + 31) / 32;

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "combines the parts of a softmax average",
            Grid = size => new GridShape(size["heads"], size["batch"]),
            Flops = size => 2 * size["batch"] * size["heads"] * size["splits"] * HeadDim,
            Bytes = size => size["batch"] * size["heads"]
                * (4 * size["splits"] * (HeadDim + 2) + Out.ByteSize(HeadDim)),
        };
        return PtxKernel.Define(Name, new BlockShape(32 * Warps), facts, k =>
        {
            var parts = k.Input<F32>("parts", 4);
            var statistics = k.Input<F32>("statistics", 8);
            var y = k.OutputFloats("y", Out);
            var splits = k.Scalar<S32>("splits");
            var row = Isa.MadWide(BlockIdx.Y, GridDim.X, BlockIdx.X.ToS64());
            var mine = statistics + row * splits.ToS64() * 2L;
            var head = parts + row * splits.ToS64() * HeadDim;
            var largest = Var(float.MinValue);
            For(LaneId, splits, 32, split => largest.Set(Max(largest, Isa.LdGlobalV2(mine + (split << 1)).X)));
            var shift = WarpMax(largest);

            var total = Var(0f);
            var sums = new Var<F32>[Columns];
            for (var c = 0; c < Columns; c++) sums[c] = Var(0f);
            For(WarpId, splits, Warps, split =>
            {
                var part = Isa.LdGlobalV2(mine + (split << 1));
                If(part.Y != 0f, () =>
                {
                    var scale = Exp2(part.X - shift);
                    total += part.Y * scale;
                    var source = head + Isa.MulWide(split, HeadDim);
                    for (var c = 0; c < Columns; c++)
                    {
                        var column = source + 32 * c;
                        var isWhole = 32 * (c + 1) <= HeadDim;
                        sums[c] += scale
                            * (isWhole ? column[LaneId] : LoadIf(LaneId + 32 * c < HeadDim, column, LaneId, 0f));
                    }
                });
            });

            var values = SharedArray<F32>(Warps * 32 * Columns);
            var totals = SharedArray<F32>(Warps);
            When(LaneId == 0, () => totals[WarpId] = total);
            for (var c = 0; c < Columns; c++) (values + (WarpId * (32 * Columns) + 32 * c))[LaneId] = sums[c];
            Barrier();
            For(ThreadIdx.X, HeadDim, 32 * Warps, column =>
            {
                F32 value = 0f, all = 0f;
                for (var warp = 0; warp < Warps; warp++)
                {
                    value += values[column + warp * (32 * Columns)];
                    all += totals[warp];
                }

                (y + row * (long)HeadDim)[column] = value * Select(all == 0f, 0f, 1f / all);
            });
        });
    }
}
