// y = softmax(q·kᵀ·scale)·v on the tensor cores, f16 or bf16 with f32 scores and sums, never a matrix of scores.
//
// q [B, Sq, H·D], keys and values where the strategy says, of one 16-bit type, rows 16-byte aligned; y [B, Sq, H·D]
// dense, f32 or 16 bits. A block of 4 warps takes 64 or 128 queries of one head, 16 or 32 a warp, grid [Sq / queries,
// H, B], the last queries first: causal ones see most. Keys and values come in tiles through a ring of cp.async; tiles
// that no query of the block sees are not read, and only tiles that some query sees in part are masked. Scores stay
// where the first product leaves them: scaled by one multiply-add into the argument of 2ˣ, rounded to 16 bits they are
// the left factor of the second product. q comes into shared memory with the first keys; its place serves to store
// 16-bit results in whole sectors in the end. Queries that turn by their positions come first, and are rounded to 16
// bits once more.
// Shared memory: (queries + 2·keys·stages)·D·2 bytes. Registers: queries·D/128 sums, queries·keys/128 scores. Sums f32;
// weights are rounded to 16 bits for the product with v, not for their own sum. FLOPs 4·Sq·Sk·D a head. Bytes: q and y
// once, keys and values once for every block of queries. D a multiple of 16 from 16 to 128 (80 is 64 + 16, nothing is
// padded); scale above 0.

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
/// <param name="Tile">Queries and keys at a time.</param>
internal sealed record AttentionTensorCore(
    DType In, DType Out, int HeadDim, int Group, KeyStrategy Keys, AttentionTile Tile) : IKernelVariant
{
    /// <inheritdoc/>
    public string Name =>
        $"attention_mma_{In.ShortName()}_{Out.ShortName()}_d{HeadDim}{(Group > 1 ? $"_g{Group}" : "")}_{Keys.Name}"
        + $"_{Tile}";

    /// <inheritdoc/>
    public PtxKernel Build() => In == DType.F16 ? Build<F16>() : Build<BF16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T>
    {
        var facts = AttentionFacts.Of(In, Out, HeadDim, Tile.Queries);
        return PtxKernel.Define(Name, new BlockShape(32 * AttentionTile.Warps), facts, k =>
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
            if (scope.Rotation is { } rotation) Turn(loadQueries, queryTile, rotation, firstQuery);
            var tiles = new KeyTiles<T>(scope, keyTile, valueTile);
            var (readQ, readK) = (queryTile.LeftFactor(WarpId * Tile.RowsPerWarp), keyTile.RightFactor(0));
            var readV = valueTile.RightFactorTransposed(0);
            var row = WarpId * Tile.RowsPerWarp + Accumulator.LaneRow;
            var seen = new QueryRow[Tile.RowsPerWarp / 8];
            for (var r = 0; r < seen.Length; r++) seen[r] = scope.Row(head, firstQuery + row + 8 * r);
            var softmax = new OnlineSoftmax(Array.ConvertAll(seen, one => one.EmptySum));
            var sums = Sums();
            ring.Run(
                tiles.Count, tiles.Fill,
                (stage, step) =>
                {
                    var (start, run) = tiles.At(step);
                    WhereSeen(seen, start, () =>
                    {
                        var scores = Score(readQ, readK, stage);
                        new TileSoftmax(scores, seen, run, start).Weigh(factor, softmax, sums);
                        AddValues(scores, readV, stage, sums);
                    });
                },
                first: scope.Rotation is null ? loadQueries : null);

            softmax.Gather(4);
            var norms = new F32[seen.Length];
            for (var r = 0; r < norms.Length; r++) norms[r] = softmax.Norm(r);
            ForEachPair(sums, (dr, _, low, high) =>
            {
                low *= norms[dr / 8];
                high *= norms[dr / 8];
            });

            var result = y + (blockRow * (GridDim.Y * HeadDim).ToS64() + (head * HeadDim).ToS64());
            if (Out == DType.F32) StoreWide(result.As<F32>(), queries - firstQuery, row, sums);
            else StoreNarrow(result, queries - firstQuery, queryTile, row, sums);
        });
    }

    /// <summary>
    /// Loads the queries and turns them where they are, each row by one thread, eight pairs at a time.
    /// </summary>
    private void Turn<T>(Action load, SharedTile<T> tile, HeadRotation rotation, S32 firstQuery)
        where T : struct, IMatrixElement<T>
    {
        load();
        Isa.CpAsyncCommitGroup();
        Isa.CpAsyncWaitGroup(0);
        Barrier();
        If(ThreadIdx.X < Tile.Queries, () =>
        {
            var row = ThreadIdx.X;
            for (var pair = 0; pair < rotation.Half; pair += 8)
            {
                var (near, far) = (tile.Chunk(row, pair), tile.Chunk(row, pair + rotation.Half));
                var (a, b) = (Isa.LdSharedV4(near.As<B32>()), Isa.LdSharedV4(far.As<B32>()));
                var (first, second) = (new B32[4], new B32[4]);
                for (var word = 0; word < 4; word++)
                {
                    var ((aLow, aHigh), (bLow, bHigh)) = (Unpack(a[word]), Unpack(b[word]));
                    var (firstLow, secondLow) = rotation.Turn(aLow, bLow, pair + 2 * word, firstQuery + row);
                    var (firstHigh, secondHigh) = rotation.Turn(aHigh, bHigh, pair + 2 * word + 1, firstQuery + row);
                    (first[word], second[word]) = (Pack(In, firstLow, firstHigh), Pack(In, secondLow, secondHigh));
                }

                Isa.StSharedV4(near.As<B32>(), new Vec4<B32>(first[0], first[1], first[2], first[3]));
                Isa.StSharedV4(far.As<B32>(), new Vec4<B32>(second[0], second[1], second[2], second[3]));
            }
        });
        Barrier();
    }

    private (F32 Low, F32 High) Unpack(B32 pair) => In == DType.F16
        ? (pair.AsF16x2().LowToF32(), pair.AsF16x2().HighToF32())
        : (pair.AsBF16x2().LowToF32(), pair.AsBF16x2().HighToF32());

    private static B32 Pack(DType type, F32 low, F32 high) =>
        type == DType.F16 ? F16x2.Round(low, high).AsB32() : BF16x2.Round(low, high).AsB32();

    /// <summary>Sums of D columns in parts of at most 64, so that few values are in registers at a time.</summary>
    private Accumulator[] Sums()
    {
        var parts = new Accumulator[(HeadDim + 63) / 64];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = new Accumulator(Tile.RowsPerWarp, Math.Min(64, HeadDim - 64 * i));
        return parts;
    }

    /// <summary>Where queries see windows of their own, a warp leaves out the tiles that none of its queries
    /// sees.</summary>
    private void WhereSeen(QueryRow[] seen, S32 start, Action use)
    {
        if (seen[0].First is null)
        {
            use();
            return;
        }

        var isSeen = seen.Select(row => (row.First!.Value < start + Tile.Keys) & (row.End!.Value > start));
        If(Isa.VoteSyncAny(isSeen.Aggregate((a, b) => a | b)), use);
    }

    private Accumulator Score<T>(FragmentReader<T> queries, FragmentReader<T> keys, Stage stage)
        where T : struct, IMatrixElement<T>
    {
        var scores = new Accumulator(Tile.RowsPerWarp, Tile.Keys);
        for (var d = 0; d < HeadDim; d += 16)
        {
            var left = new Frag<T>[Tile.RowsPerWarp / 16];
            for (var m = 0; m < left.Length; m++) left[m] = queries.Load(16 * m, d, Stage.Only);
            var right = new Frag<T>[Tile.Keys / 16];
            for (var n = 0; n < right.Length; n++) right[n] = keys.Load(16 * n, d, stage);
            scores.Multiply<T>(left, right);
        }

        return scores;
    }

    /// <summary>sums += weights · v.</summary>
    private void AddValues<T>(Accumulator weights, FragmentReader<T> values, Stage stage, Accumulator[] sums)
        where T : struct, IMatrixElement<T>
    {
        for (var j = 0; j < Tile.Keys; j += 16)
        {
            var left = weights.ToLeft<T>(j);
            for (var part = 0; part < sums.Length; part++)
            {
                var right = new Frag<T>[sums[part].Columns / 16];
                for (var n = 0; n < right.Length; n++) right[n] = values.Load(j, 64 * part + 16 * n, stage);
                sums[part].Multiply<T>(left, right);
            }
        }
    }

    /// <summary>Four lanes store 32 bytes of a row at a time.</summary>
    private void StoreWide(Ptr<F32> result, S32 rows, S32 row, Accumulator[] sums) =>
        ForEachPair(sums, (dr, dc, low, high) =>
        {
            var target = result + Isa.MulWide(row + dr, GridDim.Y * HeadDim) + (Accumulator.LaneColumn + dc);
            var pair = new Vec2<F32>(low, high);
            When(row + dr < rows, () => Isa.StGlobalV2(target, pair));
        });

    /// <summary>Through the warp's own rows of the query tile, so that two lanes store 32 bytes of a row at a
    /// time.</summary>
    private void StoreNarrow<T>(FloatPtr result, S32 rows, SharedTile<T> tile, S32 row, Accumulator[] sums)
        where T : struct, IMatrixElement<T>
    {
        Isa.BarWarpSync();
        ForEachPair(sums, (dr, dc, low, high) =>
        {
            var words = tile.Chunk(row + dr, dc).As<B32>();
            words[LaneId & 3] = Pack(Out, low, high);
        });
        Isa.BarWarpSync();
        for (var first = 0; first < Tile.RowsPerWarp; first += 16)
        {
            var (mine, half) = (WarpId * Tile.RowsPerWarp + first + (LaneId & 15), LaneId >> 4);
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

    private static void ForEachPair(Accumulator[] sums, Action<int, int, Var<F32>, Var<F32>> visit)
    {
        for (var part = 0; part < sums.Length; part++)
        {
            var column = 64 * part;
            sums[part].ForEachPair((dr, dc, low, high) => visit(dr, column + dc, low, high));
        }
    }
}
