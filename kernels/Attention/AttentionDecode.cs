// y = softmax(q·kᵀ·scale)·v for one query per batch entry, at the speed of reading keys and values once.
//
// q [B, 1, H·D], keys and values where the strategy says, all f32, f16 or bf16, rows any pitch. Grid [splits, key
// heads, B]: a block of 4 warps takes a share of one key head's keys for all query heads that share it. A key is read
// by a power of two of lanes, up to 16 bytes a lane, several keys of a warp in flight; each such group of lanes keeps
// its own softmax and weighted sum for every query head, and only in the end groups and warps are brought together, in
// order. The shares of a row follow its length, which is data, in whole rounds of the block; a split without keys only
// says so. A key that is still to be cached is taken, turned if it must be, by the first split, which also stores it.
// Splits leave their largest score, sum and weighted values in f32 for AttentionCombine; a single one writes y.
// Shared memory: 16·group·(D + 32) bytes. Registers: group·(q and sums) and the keys in flight. Sums f32.
// FLOPs 4·H·keys·D. Bytes: keys and values once, beside q and y 8·splits·H·(D + 2). Group at most 8, group·D at most
// 1024.

using System.Numerics;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Attention of single queries.</summary>
/// <param name="In">Type of q, k and v.</param>
/// <param name="Out">Type of the result; f32 parts when split.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Group">Query heads that share a key head.</param>
/// <param name="Keys">Which keys.</param>
/// <param name="Vector">Elements of a load.</param>
/// <param name="IsSplit">True when keys are shared out to several blocks.</param>
internal sealed record AttentionDecode(
    DType In, DType Out, int HeadDim, int Group, KeyStrategy Keys, int Vector, bool IsSplit) : IKernelVariant
{
    /// <summary>Most query heads of a key head.</summary>
    public const int MaxGroup = 8;

    /// <summary>Most elements of the query heads of a key head, together.</summary>
    public const int MaxWidth = 1024;

    private const int Warps = 4;
    private const int Threads = 32 * Warps;

    /// <inheritdoc/>
    public string Name =>
        $"attention_decode_{In.ShortName()}_{(IsSplit ? "parts" : Out.ShortName())}_d{HeadDim}"
        + $"{(Group > 1 ? $"_g{Group}" : "")}_{Keys.Name}_v{Vector}";

    /// <summary>Keys of one round of a block.</summary>
    public int KeysPerRound => Warps * Unroll * KeysAtOnce;

    private int Lanes => (int)Math.Min(32, BitOperations.RoundUpToPowerOf2((uint)(HeadDim / Vector)));

    private int Steps => (HeadDim / Vector + 31) / 32;

    private int KeysAtOnce => 32 / Lanes;

    private int Unroll => Group <= 2 && Steps == 1 ? 4 : 2;

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "o = softmax(q · kᵀ · scale) · v for one query",
            Grid = size => new GridShape(size["splits"], size["heads"] / Group, size["batch"]),
            Flops = size => 4 * size["batch"] * size["heads"] * size["keys"] * HeadDim,
            Bytes = size => In.ByteSize(size["batch"] * size["heads"] * HeadDim + size["kv"])
                + size["batch"] * size["heads"]
                    * (IsSplit ? 4 * size["splits"] * (HeadDim + 2) : Out.ByteSize(HeadDim)),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var q = k.InputFloats("q", In, (int)In.ByteSize(Vector));
            var qPitch = k.Scalar<S64>("q_pitch");
            var factor = k.Scalar<F32>("factor");
            var y = IsSplit ? k.OutputFloats("parts", DType.F32) : k.OutputFloats("y", Out);
            var statistics = IsSplit ? k.Output<F32>("statistics", 8) : default;
            var (split, keyHead, batch) = (BlockIdx.X, BlockIdx.Y, BlockIdx.Z);
            var scope = Keys.Open(k, new QueryBlock(
                In, HeadDim, (int)In.ByteSize(Vector), Rows: 1, batch, keyHead, First: 0, Count: 1));
            var run = scope.Runs.Single();
            var (begin, end) = Share(run, split);
            var firstHead = keyHead * Group;
            var resultRow = Isa.MadWide(batch, GridDim.Y * Group, firstHead.ToS64());
            var rows = new QueryRow[Group];
            for (var g = 0; g < Group; g++) rows[g] = scope.Row(firstHead + g, 0);
            if (IsSplit)
            {
                // Nothing for this split; the first one may have the fresh key and always says what a row starts as.
                var isIdle = (begin >= end) & (split != 0);
                When(isIdle & (ThreadIdx.X < Group), () =>
                {
                    var part = (resultRow + ThreadIdx.X.ToS64()) * GridDim.X.ToS64() + split.ToS64();
                    var mine = statistics + part * 2L;
                    mine[0] = float.MinValue;
                    mine[1] = 0f;
                });
                ReturnIf(isIdle);
            }

            var query = new F32[Group][][];
            for (var g = 0; g < Group; g++)
            {
                var head = q + (batch.ToS64() * qPitch + ((firstHead + g) * HeadDim).ToS64());
                query[g] = scope.Rotation is { } rotation ? LoadTurned(head, rotation) : Unpack(LoadHead(head, null));
            }

            var softmax = new OnlineSoftmax(Array.ConvertAll(rows, row => row.EmptySum));
            var sums = Enumerable.Range(0, Group).Select(_ => Zeros()).ToArray();
            if (scope.Fresh is { } fresh)
            {
                // All of the warp comes along; its first group of lanes counts.
                If((split == 0) & (WarpId == 0), () =>
                    AddFresh(fresh, scope.Rotation, rows, query, factor, softmax, sums));
            }

            For(begin + WarpId * (Unroll * KeysAtOnce), end, KeysPerRound, first =>
                AddKeys(run, first, end, rows, query, factor, softmax, sums));
            Finish(softmax, sums, (column, g, largest, total, value) =>
            {
                if (IsSplit)
                {
                    var part = (resultRow + g.ToS64()) * GridDim.X.ToS64() + split.ToS64();
                    (y + part * (long)HeadDim)[column] = value;
                    When(column == 0, () => Isa.StGlobalV2(statistics + part * 2L, new Vec2<F32>(largest, total)));
                }
                else
                {
                    (y + (resultRow + g.ToS64()) * (long)HeadDim)[column] = value * Select(total == 0f, 0f, 1f / total);
                }
            });
        });
    }

    /// <summary>This block's keys: as even a share of the run as whole rounds allow.</summary>
    private (S32 Begin, S32 End) Share(KeyRun run, S32 split)
    {
        if (!IsSplit) return (run.First, run.End);
        var even = (run.End - run.First + (GridDim.X - 1)) / GridDim.X;
        var share = (even + (KeysPerRound - 1)) / KeysPerRound * KeysPerRound;
        var begin = run.First + split * share;
        return (begin, Min(begin + share, run.End));
    }

    /// <summary>First column of the lane's vector <paramref name="step"/>.</summary>
    private S32 Column(int step) => ((LaneId & (Lanes - 1)) + Lanes * step) * Vector;

    /// <summary>The condition that a vector exists; null when all do.</summary>
    private Pred? Exists(int step, Pred? also)
    {
        if (Lanes * Steps * Vector == HeadDim) return also;
        var isColumn = Column(step) < HeadDim;
        return also is { } other ? isColumn & other : isColumn;
    }

    /// <summary>
    /// The lane's elements of a head as they lie, zero where they do not exist: packed they take half the registers
    /// while they are on their way.
    /// </summary>
    private B32[][] LoadHead(FloatPtr head, Pred? exists)
    {
        var vectors = new B32[Steps][];
        for (var step = 0; step < Steps; step++)
        {
            var at = head + Column(step);
            if (Exists(step, exists) is not { } where)
            {
                vectors[step] = Words(at);
                continue;
            }

            var kept = new Var<B32>[(VectorBytes + 3) / 4];
            for (var i = 0; i < kept.Length; i++) kept[i] = Var((B32)0u);
            When(where, () =>
            {
                var words = Words(at);
                for (var i = 0; i < kept.Length; i++) kept[i].Set(words[i]);
            });
            vectors[step] = Array.ConvertAll(kept, word => word.Value);
        }

        return vectors;
    }

    private int VectorBytes => (int)In.ByteSize(Vector);

    /// <summary>One vector; a single 16-bit element is widened already.</summary>
    private B32[] Words(FloatPtr at)
    {
        if (VectorBytes == 2) return [at[0].AsB32()];
        if (VectorBytes == 4) return [at.As<B32>()[0]];
        if (VectorBytes == 8)
        {
            var two = Isa.LdGlobalV2(at.As<B32>());
            return [two.X, two.Y];
        }

        var four = Isa.LdGlobalV4(at.As<B32>());
        return [four.X, four.Y, four.Z, four.W];
    }

    private F32[][] Unpack(B32[][] vectors) => Array.ConvertAll(vectors, words => In switch
    {
        DType.BF16 when VectorBytes > 2 =>
            [.. words.SelectMany(word => new[] { word.AsBF16x2().LowToF32(), word.AsBF16x2().HighToF32() })],
        DType.F16 when VectorBytes > 2 =>
            [.. words.SelectMany(word => new[] { word.AsF16x2().LowToF32(), word.AsF16x2().HighToF32() })],
        _ => Array.ConvertAll(words, word => word.AsF32()),
    });

    /// <summary>The lane's elements of a head, turned.</summary>
    private F32[][] LoadTurned(FloatPtr head, HeadRotation rotation)
    {
        var vectors = new F32[Steps][];
        for (var step = 0; step < Steps; step++)
        {
            // Lanes without columns turn the last ones.
            var column = Min(Column(step), HeadDim - Vector);
            vectors[step] = new F32[Vector];
            for (var e = 0; e < Vector; e++)
            {
                var turned = rotation.Element(head, column + e, 0);
                vectors[step][e] = Exists(step, null) is { } exists ? Select(exists, turned, 0f) : turned;
            }
        }

        return vectors;
    }

    private Var<F32>[][] Zeros()
    {
        var sums = new Var<F32>[Steps][];
        for (var step = 0; step < Steps; step++)
        {
            sums[step] = new Var<F32>[Vector];
            for (var e = 0; e < Vector; e++) sums[step][e] = Var(0f);
        }

        return sums;
    }

    private F32 Dot(F32[][] query, F32[][] key)
    {
        var sum = query[0][0] * key[0][0];
        for (var step = 0; step < Steps; step++)
            for (var e = step == 0 ? 1 : 0; e < Vector; e++)
                sum = Fma(query[step][e], key[step][e], sum);
        return WarpSum(sum, Lanes);
    }

    /// <summary>Stores the fresh key and value, as the cache's type has them, and takes them as the first
    /// key.</summary>
    private void AddFresh(
        FreshKey fresh, HeadRotation? rotation, QueryRow[] rows, F32[][][] query, F32 factor, OnlineSoftmax softmax,
        Var<F32>[][][] sums)
    {
        var isMine = LaneId < Lanes;
        var key = rotation is null ? Unpack(LoadHead(fresh.Key, null)) : LoadTurned(fresh.Key, rotation);
        var value = Unpack(LoadHead(fresh.Value, null));
        for (var step = 0; step < Steps; step++)
        {
            var column = Column(step);
            for (var e = 0; e < Vector && rotation is not null; e++) key[step][e] = Rounded(key[step][e]);
            var (k, v) = (key[step], value[step]);
            When(Exists(step, isMine & fresh.IsValid)!.Value, () =>
            {
                fresh.CacheKey.Store(column, k);
                fresh.CacheValue.Store(column, v);
            });
        }

        for (var g = 0; g < Group; g++)
        {
            var score = rows[g].Score(Dot(query[g], key), factor, fresh.Position);
            softmax.Raise(g, Select(isMine, score, float.MinValue));
            var weight = Select(isMine, 1f, (F32)0f);
            softmax.Add(g, weight);
            for (var step = 0; step < Steps; step++)
                for (var e = 0; e < Vector; e++) sums[g][step][e].Set(weight * value[step][e]);
        }
    }

    private F32 Rounded(F32 value) => In switch
    {
        DType.F16 => value.To<F16>().ToF32(),
        DType.BF16 => value.To<BF16>().ToF32(),
        _ => value,
    };

    private void AddKeys(
        KeyRun run, S32 first, S32 end, QueryRow[] rows, F32[][][] query, F32 factor, OnlineSoftmax softmax,
        Var<F32>[][][] sums)
    {
        var (keys, exist) = (new S32[Unroll], new Pred[Unroll]);
        var (k, v) = (new B32[Unroll][][], new B32[Unroll][][]);
        for (var u = 0; u < Unroll; u++)
        {
            keys[u] = first + u * KeysAtOnce + (LaneId >> BitOperations.Log2((uint)Lanes));
            exist[u] = keys[u] < end;
            k[u] = LoadHead(run.Keys + keys[u].ToS64() * run.KeyPitch, exist[u]);
            v[u] = LoadHead(run.Values + keys[u].ToS64() * run.ValuePitch, exist[u]);
        }

        for (var g = 0; g < Group; g++)
        {
            var scores = new F32[Unroll];
            for (var u = 0; u < Unroll; u++)
            {
                var score = rows[g].Score(Dot(query[g], Unpack(k[u])), factor, keys[u]);
                scores[u] = Select(exist[u], score, float.NegativeInfinity);
            }

            var shrink = softmax.Raise(g, scores.Aggregate((a, b) => Max(a, b)));
            var weights = Array.ConvertAll(scores, score => Exp2(score - softmax.Largest(g)));
            softmax.Add(g, weights.Aggregate((a, b) => a + b));
            foreach (var sum in sums[g].SelectMany(vector => vector)) sum.Set(sum * shrink);
            for (var u = 0; u < Unroll; u++)
            {
                var value = Unpack(v[u]);
                for (var step = 0; step < Steps; step++)
                    for (var e = 0; e < Vector; e++)
                        sums[g][step][e].Set(Fma(weights[u], value[step][e], sums[g][step][e]));
            }
        }
    }

    /// <summary>
    /// Brings groups of lanes and warps together and hands every column of every query head to a thread: column, head,
    /// largest score, sum, weighted value.
    /// </summary>
    private void Finish(OnlineSoftmax softmax, Var<F32>[][][] sums, Action<S32, S32, F32, F32, F32> store)
    {
        // Element e of all vectors side by side, the runs of different e apart by what lets 32 neighbouring columns be
        // read from 32 banks.
        var pitch = Lanes * Steps + 32 / Vector;
        var values = SharedArray<F32>(Warps * Group * Vector * pitch);
        var largests = SharedArray<F32>(Warps * Group);
        var totals = SharedArray<F32>(Warps * Group);
        for (var g = 0; g < Group; g++)
        {
            var largest = WarpMax(softmax.Largest(g));
            var scale = Exp2(softmax.Largest(g) - largest);
            var total = AcrossGroups(softmax.Sum(g) * scale);
            var slot = WarpId * Group + g;
            When(LaneId == 0, () =>
            {
                largests[slot] = largest;
                totals[slot] = total;
            });
            for (var step = 0; step < Steps; step++)
            {
                for (var e = 0; e < Vector; e++)
                {
                    var value = AcrossGroups(sums[g][step][e] * scale);
                    var at = values + (slot * (Vector * pitch) + e * pitch + Lanes * step);
                    When(LaneId < Lanes, () => at[LaneId] = value);
                }
            }
        }

        Barrier();
        For(ThreadIdx.X, Group * HeadDim, Threads, i =>
        {
            var (g, column) = Group > 1 ? (i / HeadDim, i % HeadDim) : ((S32)0, i);
            var at = values + (column % Vector * pitch + column / Vector);
            var largest = largests[g];
            for (var warp = 1; warp < Warps; warp++) largest = Max(largest, largests[g + warp * Group]);
            F32 total = 0f, value = 0f;
            for (var warp = 0; warp < Warps; warp++)
            {
                var slot = g + warp * Group;
                var scale = Exp2(largests[slot] - largest);
                total = Fma(totals[slot], scale, total);
                value = Fma(at[slot * (Vector * pitch)], scale, value);
            }

            store(column, g, largest, total, value);
        });
    }

    /// <summary>The sum over the lanes that hold the same columns of different keys.</summary>
    private F32 AcrossGroups(F32 value)
    {
        for (var lane = 16; lane >= Lanes; lane /= 2)
            value = Isa.AddRn(value, Isa.ShflSync(Shuffle.Butterfly, value, lane));
        return value;
    }
}
