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
/// <param name="In">Type of q, k and v: f16 or bf16.</param>
/// <param name="Out">Type of the result.</param>
/// <param name="HeadDim">D, a multiple of 16 up to 128.</param>
/// <param name="Group">Query heads that share a key head.</param>
/// <param name="Keys">Which keys.</param>
/// <param name="Tile">Queries and keys at a time.</param>
internal sealed record AttentionWarpgroup(
    DType In, DType Out, int HeadDim, int Group, KeyStrategy Keys, WarpgroupAttentionTile Tile) : IKernelVariant
{
    /// <inheritdoc/>
    public string Name =>
        $"attention_warpgroup_{In.ShortName()}_{Out.ShortName()}_d{HeadDim}{(Group > 1 ? $"_g{Group}" : "")}"
        + $"_{Keys.Name}_{Tile}";

    /// <inheritdoc/>
    public PtxKernel Build() => In == DType.F16 ? Build<F16>() : Build<BF16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T>
    {
        var facts = AttentionFacts.Of(In, Out, HeadDim, Tile.Queries);
        return PtxKernel.Define(Name, new BlockShape(Tile.Threads), facts, k =>
        {
            var q = k.InputFloats("q", In, 16);
            var qPitch = k.Scalar<S64>("q_pitch");
            var queries = k.Scalar<S32>("queries");
            var factor = k.Scalar<F32>("factor");
            var y = k.OutputFloats("y", Out, 16);
            var (head, batch) = (BlockIdx.Y, BlockIdx.Z);
            var firstQuery = (GridDim.X - 1 - BlockIdx.X) * Tile.Queries;
            var scope = Keys.Open(k, new QueryBlock(
                In, HeadDim, 16, Tile.Queries, batch, Group > 1 ? head / Group : head, firstQuery, queries));

            var queryTile = SharedTile<T>(Tile.Queries, HeadDim);
            var ring = new Ring(Tile.Stages);
            var (keyTile, valueTile) = (ring.Tile<T>(Tile.Keys, HeadDim), ring.Tile<T>(Tile.Keys, HeadDim));
            var blockRow = Isa.MulWide(batch, queries) + firstQuery.ToS64();
            var source = (q + (blockRow * qPitch + (head * HeadDim).ToS64())).As<T>();
            var copy = queryTile.CopyFrom(source, qPitch.ToS32(), queries - firstQuery);
            var loadQueries = () => copy.Start(Stage.Only, 0);
            if (scope.Rotation is { } rotation) QueryTurn.Load(loadQueries, queryTile, 16, In, rotation, firstQuery);
            var tiles = new KeyTiles<T>(scope, keyTile, valueTile);

            var row = WarpId * 16 + Accumulator.LaneRow;
            QueryRow[] seen = [scope.Row(head, firstQuery + row), scope.Row(head, firstQuery + row + 8)];
            var softmax = new OnlineSoftmax(Array.ConvertAll(seen, one => one.EmptySum));
            var sums = new ValueSums(16, PanelWidths(valueTile));
            var products = new Products<T>(
                queryTile.Factor(WarpgroupId * 64), keyTile.Factor(0), valueTile.Factor(0), Tile.Keys, HeadDim);
            ring.RunSkewed(
                tiles.Count,
                lead: tiles.FillKeys,
                lag: tiles.FillValues,
                head: stage =>
                {
                    Isa.WgmmaFence();
                    products.StartScores(stage);
                    Isa.WgmmaWaitGroup(0);
                    var (start, run) = tiles.At(0);
                    new TileSoftmax(products.Scores, seen, run, start).Weigh(factor, softmax, _ => { });
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
                    new TileSoftmax(products.Scores, seen, run, start)
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
                first: scope.Rotation is null ? loadQueries : null);

            sums.Normalise(softmax, seen.Length);
            new AttentionResult<T>(Out, y, HeadDim, queries - firstQuery, 16)
                .Store(blockRow, head, queryTile, row, sums);
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
