// y = softmax(q·kᵀ·scale)·v by warpgroups (compute capability 9.0), f16 or bf16 with f32 scores and sums.
//
// Operands, grid and shared memory as AttentionTensorCore; both products read their factors where they stand in shared
// memory, values with the inner axis as rows, weights from registers. A warpgroup takes 64 queries. While the tensor
// cores add the values of one tile, the same warps make weights of the next tile's scores (FlashAttention-3, section
// 3.2): a stage of the ring holds the keys of tile s and the values of tile s − 1.
// Shared memory: (queries + 2·keys·stages)·D·2 bytes. Registers: D/2 sums, keys/2 scores, keys/4 words of weights.
// Numbers, FLOPs and bytes as AttentionTensorCore. Queries that see windows of their own (media) are not for it: all
// warps of a group must take part in every tile.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Attention on the tensor cores by warpgroups.</summary>
/// <param name="Variant">Types, head size and keys.</param>
/// <param name="Tile">Queries and keys at a time.</param>
internal sealed record AttentionWarpgroup(AttentionVariant Variant, WarpgroupAttentionTile Tile) : IKernelVariant
{
    private const int RowsPerWarp = 16;

    /// <inheritdoc/>
    public string Name => $"attention_warpgroup_{Variant.Name}_{Tile}";

    /// <inheritdoc/>
    public PtxKernel Build() => Variant.In == DType.F16 ? Build<F16>() : Build<BF16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T>
    {
        var facts = AttentionFacts.Of(Variant.In, Variant.Out, Variant.HeadDim, Tile.Queries);
        return PtxKernel.Define(Name, new BlockShape(Tile.Threads), facts, k =>
        {
            var block = new AttentionBlock<T>(k, Variant, Tile.Queries, RowsPerWarp, Tile.Keys, Tile.Stages);
            var (tiles, factor, softmax) = (block.Tiles, block.Factor, block.Softmax);
            var sums = new ValueSums(RowsPerWarp, PanelWidths(block.ValueTile));
            var products = new Products<T>(
                block.QueryTile.Factor(WarpgroupId * 64), block.KeyTile.Factor(0), block.ValueTile.Factor(0), Tile.Keys,
                Variant.HeadDim);
            block.Ring.RunSkewed(
                tiles.Count,
                lead: tiles.FillKeys,
                lag: tiles.FillValues,
                head: stage =>
                {
                    Isa.WgmmaFence();
                    products.StartScores(stage);
                    Isa.WgmmaWaitGroup(0);
                    var (start, run) = tiles.At(0);
                    new TileSoftmax(products.Scores, block.Seen, run, start).Weigh(factor, softmax, _ => { });
                    products.KeepWeights();
                },
                body: (stage, step) =>
                {
                    var weights = products.Weights();
                    Isa.WgmmaFence();
                    products.StartScores(stage);
                    products.StartValues(stage, weights, sums);
                    Isa.WgmmaWaitGroup(1);
                    var (start, run) = tiles.At(step);
                    F32[] shrink = [];
                    new TileSoftmax(products.Scores, block.Seen, run, start)
                        .Weigh(factor, softmax, factors => shrink = factors);
                    Isa.WgmmaWaitGroup(0);
                    sums.Scale(shrink);
                    products.KeepWeights();
                },
                tail: stage =>
                {
                    var weights = products.Weights();
                    Isa.WgmmaFence();
                    products.StartValues(stage, weights, sums);
                    Isa.WgmmaWaitGroup(0);
                },
                first: block.LoadQueries);

            block.Store(sums);
        });
    }

    /// <summary>Widths of the columns that one instruction can take: neighbouring panels of equal width together.</summary>
    private static IEnumerable<int> PanelWidths<T>(SharedTile<T> tile)
        where T : struct, IMatrixElement<T> =>
        tile.PanelColumns.GroupBy(columns => columns).Select(group => group.Sum());

    /// <summary>The two products of a warpgroup, and what it holds between them.</summary>
    private sealed class Products<T>(
        SharedFactor<T> queries, SharedFactor<T> keys, SharedFactor<T> values, int keyCount, int headDim)
        where T : struct, IMatrixElement<T>
    {
        private readonly FragVar<T>[] _weights =
            [.. Enumerable.Range(0, keyCount / 16).Select(_ => new FragVar<T>())];

        /// <summary>The dot products of the newest tile, later its weights.</summary>
        public Accumulator Scores { get; } = new(16, keyCount);

        /// <summary>Scores = q · kᵀ.</summary>
        public void StartScores(Stage stage)
        {
            for (var d = 0; d < headDim; d += 16)
                Scores.MultiplyAsync<T>(queries.Rows(0, d, Stage.Only), keys.Rows(0, d, stage), adds: d > 0);
            Isa.WgmmaCommitGroup();
        }

        /// <summary>sums += weights · v.</summary>
        public void StartValues(Stage stage, Frag<T>[] weights, ValueSums sums)
        {
            foreach (var (first, part) in sums.Parts)
                for (var j = 0; j < keyCount; j += 16)
                    part.MultiplyAsync(weights[j / 16], values.Columns(j, first, stage), isTransposed: true);
            Isa.WgmmaCommitGroup();
        }

        /// <summary>The weights that were kept.</summary>
        public Frag<T>[] Weights() => Array.ConvertAll(_weights, weights => weights.Value);

        /// <summary>Keeps the scores, weights by now, rounded to 16 bits.</summary>
        public void KeepWeights()
        {
            for (var j = 0; j < keyCount; j += 16) _weights[j / 16].Set(Scores.ToLeft<T>(j)[0]);
        }
    }
}
