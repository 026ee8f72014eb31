// y = softmax(q·kᵀ·scale)·v by fused multiply-adds in f32, for any type, head dim, size and alignment.
//
// q [B, Sq, H·D], keys and values where the strategy says, all f32, f16 or bf16, rows any pitch; y [B, Sq, H·D] of Out,
// dense. A block of 4 warps takes 32 queries of one head, grid [Sq / 32, H, B], the last queries first: causal ones see
// most. Keys come 32 at a time into shared memory, widened to f32. A warp owns 8 queries: lane ℓ scores rows 2⌊ℓ/8⌋ and
// the next against keys ℓ%8 + 8c, then sums columns 4(ℓ%8) … +3 of every 32; maximum and sum of a row stay in its eight
// lanes. Shared rows are an odd number of 16-byte chunks, so that 8 keys read side by side use every bank once.
// Filling them meets some banks twice where D is no multiple of 32.
// Shared memory: (96·D + 1152)·4 bytes, 55 KiB at D = 128. Registers: D/4 sums a lane. Sums in f32, in a fixed order.
// FLOPs 4·Sq·Sk·D a head. Bytes: q and y once, keys and values once for every 32 queries. D at most 400.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Attention by f32 multiply-adds.</summary>
/// <param name="In">Type of q, k and v.</param>
/// <param name="Out">Type of the result.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Group">Query heads that share a key head.</param>
/// <param name="Keys">Which keys.</param>
/// <param name="Vector">True when D is a multiple of 4 and every row lies on a multiple of 4 elements.</param>
internal sealed record AttentionFma(DType In, DType Out, int HeadDim, int Group, KeyStrategy Keys, bool Vector)
    : IKernelVariant
{
    /// <summary>The largest D whose tiles fit the shared memory of compute capability 8.0.</summary>
    public const int MaxHeadDim = 400;

    private const int Threads = 128;
    private const int QueriesPerTile = 32;
    private const int KeysPerTile = 32;
    private const int WeightStride = KeysPerTile + 4;

    /// <inheritdoc/>
    public string Name =>
        $"attention_fma_{In.ShortName()}_{Out.ShortName()}_d{HeadDim}{(Group > 1 ? $"_g{Group}" : "")}_{Keys.Name}"
        + (Vector ? "_v4" : "");

    private int Quads => (HeadDim + 3) / 4;

    private int Stride => 4 * (Quads | 1);

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = AttentionFacts.Of(In, Out, HeadDim, QueriesPerTile);
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var q = k.InputFloats("q", In, Vector ? (int)In.ByteSize(4) : 0);
            var qPitch = k.Scalar<S64>("q_pitch");
            var queries = k.Scalar<S32>("queries");
            var factor = k.Scalar<F32>("factor");
            var y = k.OutputFloats("y", Out, Vector ? (int)Out.ByteSize(4) : 0);
            var (head, batch) = (BlockIdx.Y, BlockIdx.Z);
            var firstQuery = (GridDim.X - 1 - BlockIdx.X) * QueriesPerTile;
            var scope = Keys.Open(k, new QueryBlock(
                In, HeadDim, Vector ? (int)In.ByteSize(4) : 0, QueriesPerTile, batch,
                Group > 1 ? head / Group : head, firstQuery, queries));

            var queryTile = DynamicSharedArray<F32>(QueriesPerTile * Stride);
            var keyTile = DynamicSharedArray<F32>(KeysPerTile * Stride);
            var valueTile = DynamicSharedArray<F32>(KeysPerTile * Stride);
            var weightTile = DynamicSharedArray<F32>(QueriesPerTile * WeightStride);
            var batchRow = Isa.MulWide(batch, queries);
            Load(queryTile, q + (batchRow * qPitch + (head * HeadDim).ToS64()), qPitch, firstQuery, queries);
            if (scope.Rotation is { } rotation) Turn(queryTile, rotation, firstQuery);

            var row = (WarpId << 3) + ((LaneId >> 3) << 1);
            var seen = new[] { scope.Row(head, firstQuery + row), scope.Row(head, firstQuery + row + 1) };
            var softmax = new OnlineSoftmax(seen[0].EmptySum, seen[1].EmptySum);
            var sums = new[] { Zeros(4 * ColumnSteps), Zeros(4 * ColumnSteps) };
            foreach (var run in scope.Runs)
            {
                For(run.First, run.End, KeysPerTile, start =>
                {
                    Barrier();
                    Load(keyTile, run.Keys, run.KeyPitch, start, run.End);
                    Load(valueTile, run.Values, run.ValuePitch, start, run.End);
                    Barrier();
                    var dots = Score(queryTile + row * Stride, keyTile + (LaneId & 7) * Stride);
                    for (var r = 0; r < 2; r++)
                    {
                        var weights = weightTile + (row + r) * WeightStride;
                        Weigh(run, seen[r], r, start, dots[r], factor, softmax, sums[r], weights);
                    }

                    Isa.BarWarpSync();
                    AddValues(weightTile + row * WeightStride, valueTile, sums);
                });
            }

            softmax.Gather(8);
            var width = GridDim.Y * HeadDim;
            var result = y + ((batchRow + firstQuery.ToS64()) * width.ToS64() + (head * HeadDim).ToS64());
            for (var r = 0; r < 2; r++)
            {
                var norm = softmax.Norm(r);
                Store(result + Isa.MulWide(row + r, width), firstQuery + row + r < queries, sums[r], norm);
            }
        });
    }

    private int ColumnSteps => (HeadDim + 31) / 32;

    private static Var<F32>[] Zeros(int count)
    {
        var zeros = new Var<F32>[count];
        for (var i = 0; i < count; i++) zeros[i] = Var(0f);
        return zeros;
    }

    /// <summary>Fills a tile [32, D] with rows first … of a matrix; what lies at or behind end or D becomes
    /// zero.</summary>
    private void Load(Shared<F32> tile, FloatPtr source, S64 pitch, S32 first, S32 end) =>
        For(ThreadIdx.X, 32 * Quads, Threads, i =>
        {
            var row = i / Quads;
            var column = (i % Quads) << 2;
            var from = source + ((first + row).ToS64() * pitch + column.ToS64());
            var exists = first + row < end;
            var values = Zeros(4);
            if (Vector)
            {
                When(exists, () =>
                {
                    var four = from.LoadVector(4);
                    for (var e = 0; e < 4; e++) values[e].Set(four[e]);
                });
            }
            else
            {
                for (var e = 0; e < 4; e++)
                {
                    var (value, at) = (values[e], e);
                    When(exists & (column + at < HeadDim), () => value.Set(from[at]));
                }
            }

            Isa.StSharedV4(
                tile + (row * Stride + column), new Vec4<F32>(values[0], values[1], values[2], values[3]));
        });

    /// <summary>Turns the queries where they are; the next barrier shows them to the other threads.</summary>
    private void Turn(Shared<F32> tile, HeadRotation rotation, S32 firstQuery)
    {
        Barrier();
        For(ThreadIdx.X, QueriesPerTile * rotation.Half, Threads, i =>
        {
            var (row, pair) = (i / rotation.Half, i % rotation.Half);
            var first = tile + (row * Stride + pair);
            var second = first + rotation.Half;
            var (a, b) = rotation.Turn(first[0], second[0], pair, firstQuery + row);
            first[0] = a;
            second[0] = b;
        });
    }

    /// <summary>Two queries times four keys, 8 apart.</summary>
    private Var<F32>[][] Score(Shared<F32> queryRow, Shared<F32> keyRow)
    {
        var dots = new[] { Zeros(4), Zeros(4) };
        for (var d = 0; d < 4 * Quads; d += 4)
        {
            var query = new[] { Isa.LdSharedV4(queryRow + d), Isa.LdSharedV4(queryRow + (Stride + d)) };
            for (var c = 0; c < 4; c++)
            {
                var key = Isa.LdSharedV4(keyRow + (8 * c * Stride + d));
                for (var e = 0; e < 4; e++)
                {
                    dots[0][c] += query[0][e] * key[e];
                    dots[1][c] += query[1][e] * key[e];
                }
            }
        }

        return dots;
    }

    /// <summary>Turns a row's scores into weights, which the row's lanes leave in shared memory.</summary>
    private static void Weigh(
        KeyRun run, QueryRow seen, int row, S32 start, Var<F32>[] dots, F32 factor, OnlineSoftmax softmax,
        Var<F32>[] sums,
        Shared<F32> weightRow)
    {
        var scores = new F32[4];
        for (var c = 0; c < 4; c++)
        {
            var key = start + (LaneId & 7) + 8 * c;
            scores[c] = Select(seen.Sees(run, key), seen.Score(dots[c], factor, key), float.NegativeInfinity);
        }

        var largest = WarpMax(Max(Max(scores[0], scores[1]), Max(scores[2], scores[3])), 8);
        var shrink = softmax.Raise(row, largest);
        foreach (var sum in sums) sum.Set(sum * shrink);
        var weights = Array.ConvertAll(scores, score => Exp2(score - softmax.Largest(row)));
        softmax.Add(row, weights[0] + weights[1] + (weights[2] + weights[3]));
        for (var c = 0; c < 4; c++) (weightRow + 8 * c)[LaneId & 7] = weights[c];
    }

    /// <summary>sums += weights · values for two rows and this lane's columns.</summary>
    private void AddValues(Shared<F32> weightRow, Shared<F32> valueTile, Var<F32>[][] sums)
    {
        // A lane without columns in the last step reads the last ones; its sums are not stored.
        var columns = new Shared<F32>[ColumnSteps];
        for (var c = 0; c < columns.Length; c++)
            columns[c] = valueTile + Min(((LaneId & 7) << 2) + 32 * c, 4 * (Quads - 1));
        for (var j = 0; j < KeysPerTile; j += 4)
        {
            var weights = new[] { Isa.LdSharedV4(weightRow + j), Isa.LdSharedV4(weightRow + (WeightStride + j)) };
            for (var key = 0; key < 4; key++)
            {
                for (var c = 0; c < columns.Length; c++)
                {
                    var value = Isa.LdSharedV4(columns[c] + (j + key) * Stride);
                    for (var e = 0; e < 4; e++)
                    {
                        sums[0][4 * c + e] += weights[0][key] * value[e];
                        sums[1][4 * c + e] += weights[1][key] * value[e];
                    }
                }
            }
        }
    }

    private void Store(FloatPtr result, Pred isQuery, Var<F32>[] sums, F32 norm)
    {
        for (var c = 0; c < ColumnSteps; c++)
        {
            var column = ((LaneId & 7) << 2) + 32 * c;
            var target = result + column;
            var values = new F32[4];
            for (var e = 0; e < 4; e++) values[e] = sums[4 * c + e] * norm;
            if (Vector)
            {
                When(isQuery & (column < HeadDim), () => target.StoreVector(values));
                continue;
            }

            for (var e = 0; e < 4; e++)
            {
                var (value, at) = (values[e], e);
                When(isQuery & (column + at < HeadDim), () => target[at] = value);
            }
        }
    }
}
