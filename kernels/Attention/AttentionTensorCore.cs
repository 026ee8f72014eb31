// y = softmax(q·kᵀ·scale)·v on the tensor cores, f16 or bf16 with f32 scores and sums, never a matrix of scores.
//
// q [B, Sq, H·D], keys and values where the strategy says, of one 16-bit type, rows 16-byte aligned; y [B, Sq, H·D] dense,
// f32 or 16 bits. A block of 4 warps takes 64 queries of one head, 16 a warp, grid [Sq / 64, H, B], the last queries
// first: causal ones see most. Keys and values come in tiles of 64 through a ring of cp.async; tiles that no query of the
// block sees are not read, and only tiles that some query sees in part are masked. Scores stay where the first product
// leaves them: scaled by one multiply-add into the argument of 2ˣ, rounded to 16 bits they are the left factor of the
// second product. q lies in shared memory once and in registers from then on; its place serves to store 16-bit results
// in whole sectors.
// Shared memory: (64 + 128·stages)·D·2 bytes: 56 KiB at D = 64, 80 at 128. Registers: D/2 sums, D/4 of q, 32 scores.
// Sums f32; weights rounded to 16 bits for the product with v, not for their own sum. FLOPs 4·Sq·Sk·D a head.
// Bytes: q and y once, keys and values once for every 64 queries. D a multiple of 16 from 16 to 128 (80 is 64 + 16,
// nothing is padded); scale above 0.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Attention on the tensor cores.</summary>
/// <param name="In">Type of q, k and v: f16 or bf16.</param>
/// <param name="Out">Type of the result.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Group">Query heads that share a key head.</param>
/// <param name="Keys">Which keys.</param>
internal sealed record AttentionTensorCore(DType In, DType Out, int HeadDim, int Group, KeyStrategy Keys) : IKernelVariant
{
    private const int QueriesPerTile = 64;
    private const int KeysPerTile = 64;

    /// <inheritdoc/>
    public string Name =>
        $"attention_mma_{In.ShortName()}_{Out.ShortName()}_d{HeadDim}{(Group > 1 ? $"_g{Group}" : "")}_{Keys.Name}";

    private int Stages => HeadDim <= 64 ? 3 : 2;

    /// <inheritdoc/>
    public PtxKernel Build() => In == DType.F16 ? Build<F16>() : Build<BF16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T>
    {
        var facts = AttentionFacts.Of(In, Out, HeadDim, QueriesPerTile);
        return PtxKernel.Define(Name, new BlockShape(2 * QueriesPerTile), facts, k =>
        {
            var q = k.InputFloats("q", In, 16);
            var qPitch = k.Scalar<S64>("q_pitch");
            var queries = k.Scalar<S32>("queries");
            var factor = k.Scalar<F32>("factor");
            var y = k.OutputFloats("y", Out, 16);
            var (head, batch) = (BlockIdx.Y, BlockIdx.Z);
            var firstQuery = (GridDim.X - 1 - BlockIdx.X) * QueriesPerTile;
            var scope = Keys.Open(k, new QueryBlock(
                In, HeadDim, 16, QueriesPerTile, batch, Group > 1 ? head / Group : head, firstQuery, queries));

            var queryTile = SharedTile<T>(QueriesPerTile, HeadDim);
            var ring = new Ring(Stages);
            var (keyTile, valueTile) = (ring.Tile<T>(KeysPerTile, HeadDim), ring.Tile<T>(KeysPerTile, HeadDim));
            var blockRow = Isa.MulWide(batch, queries) + firstQuery.ToS64();
            var query = LoadQueries(
                queryTile, (q + (blockRow * qPitch + (head * HeadDim).ToS64())).As<T>(), qPitch.ToS32(), queries - firstQuery);

            var tiles = new KeyTiles<T>(scope, keyTile, valueTile);
            var (readK, readV) = (keyTile.RightFactor(0), valueTile.RightFactorTransposed(0));
            var row = (WarpId << 4) + Accumulator.LaneRow;
            var seen = new[] { scope.Row(head, firstQuery + row), scope.Row(head, firstQuery + row + 8) };
            var softmax = new OnlineSoftmax(seen[0].EmptySum, seen[1].EmptySum);
            var sums = new Accumulator(16, HeadDim);
            ring.Run(tiles.Count, tiles.Fill, (stage, step) =>
            {
                var (start, run) = tiles.At(step);
                WhereSeen(seen, start, () =>
                {
                    var scores = Score(query, readK, stage);
                    new TileSoftmax(scores, seen, run, start).Weigh(factor, softmax, sums);
                    for (var j = 0; j < KeysPerTile; j += 16)
                    {
                        var values = new Frag<T>[HeadDim / 16];
                        for (var i = 0; i < values.Length; i++) values[i] = readV.Load(j, 16 * i, stage);
                        sums.Multiply<T>(scores.ToLeft<T>(j), values);
                    }
                });
            });

            softmax.Gather(4);
            var norms = new[] { softmax.Norm(0), softmax.Norm(1) };
            sums.ForEachPair((dr, _, low, high) =>
            {
                low *= norms[dr / 8];
                high *= norms[dr / 8];
            });
            var result = y + (blockRow * (GridDim.Y * HeadDim).ToS64() + (head * HeadDim).ToS64());
            if (Out == DType.F32) StoreWide(result.As<F32>(), queries - firstQuery, row, sums);
            else StoreNarrow(result, queries - firstQuery, queryTile, row, sums);
        });
    }

    /// <summary>This warp's 16 queries as left factors; what lies behind the last query is zero.</summary>
    private Frag<T>[] LoadQueries<T>(SharedTile<T> tile, Ptr<T> source, S32 pitch, S32 rows)
        where T : struct, IMatrixElement<T>
    {
        tile.CopyFrom(source, pitch, rows).Start(Stage.Only, 0);
        Isa.CpAsyncCommitGroup();
        Isa.CpAsyncWaitGroup(0);
        Barrier();
        var reader = tile.LeftFactor(WarpId << 4);
        var fragments = new Frag<T>[HeadDim / 16];
        for (var i = 0; i < fragments.Length; i++) fragments[i] = reader.Load(0, 16 * i, Stage.Only);
        return fragments;
    }

    /// <summary>Where queries see windows of their own, a warp leaves out the tiles that none of its queries sees.</summary>
    private static void WhereSeen(QueryRow[] seen, S32 start, Action use)
    {
        if (seen[0].First is null)
        {
            use();
            return;
        }

        var isSeen = seen.Select(row => (row.First!.Value < start + KeysPerTile) & (row.End!.Value > start));
        If(Isa.VoteSyncAny(isSeen.Aggregate((a, b) => a | b)), use);
    }

    private static Accumulator Score<T>(Frag<T>[] query, FragmentReader<T> keys, Stage stage)
        where T : struct, IMatrixElement<T>
    {
        var scores = new Accumulator(16, KeysPerTile);
        for (var i = 0; i < query.Length; i++)
        {
            var right = new Frag<T>[KeysPerTile / 16];
            for (var n = 0; n < right.Length; n++) right[n] = keys.Load(16 * n, 16 * i, stage);
            scores.Multiply<T>([query[i]], right);
        }

        return scores;
    }

    /// <summary>Four lanes store 32 bytes of a row at a time.</summary>
    private static void StoreWide(Ptr<F32> result, S32 rows, S32 row, Accumulator sums)
    {
        var pitch = GridDim.Y * sums.Columns;
        sums.ForEachPair((dr, dc, low, high) =>
        {
            var target = result + Isa.MulWide(row + dr, pitch) + (Accumulator.LaneColumn + dc);
            When(row + dr < rows, () => Isa.StGlobalV2(target, new Vec2<F32>(low, high)));
        });
    }

    /// <summary>Through the warp's own rows of the query tile, so that two lanes store 32 bytes of a row at a time.</summary>
    private void StoreNarrow<T>(FloatPtr result, S32 rows, SharedTile<T> tile, S32 row, Accumulator sums)
        where T : struct, IMatrixElement<T>
    {
        Isa.BarWarpSync();
        sums.ForEachPair((dr, dc, low, high) =>
        {
            var words = tile.Chunk(row + dr, dc).As<B32>();
            words[LaneId & 3] = Out == DType.F16 ? F16x2.Round(low, high).AsB32() : BF16x2.Round(low, high).AsB32();
        });
        Isa.BarWarpSync();
        var (mine, half) = ((WarpId << 4) + (LaneId & 15), LaneId >> 4);
        var target = (result + Isa.MulWide(mine, GridDim.Y * HeadDim) + (half << 3)).As<B32>();
        for (var column = 0; column < HeadDim; column += 16)
        {
            // The chunk beside an even one differs in one bit of its address, swizzled or not.
            var chunk = Shared<B32>.From(tile.Chunk(mine, column).Address() ^ (half << 4).AsU32());
            var (to, four) = (target + column / 2, Isa.LdSharedV4(chunk));
            When(mine < rows, () => Isa.StGlobalV4(to, four));
        }
    }
}
