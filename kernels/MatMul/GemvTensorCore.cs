// Matrix product for 2 to 16 rows of x in 16 bits: y = epilogue(x · wᵀ), bound by reading w once, on tensor cores: with
// multiply-adds each weight would take as many instructions as there are rows.
// x [M, K] and w [N, K] row-major in f16 or bf16, rows aligned to 16 bytes; y and epilogue: GpuEpilogue of width 1.
// A block makes 16 columns of y with 8 warps that take turns along K. In m16n8k16 the rows of w are the rows of A and
// the rows of x the columns of B: 8 rows of x are one tile, without a row too many. No shared memory on the way: of 32
// elements of K lane 4g+t loads 8t … 8t+7 of rows g and g+8 of w and of row g of x, 16 bytes each. To the two products
// they are elements 2t, 2t+1, 2t+8, 2t+9 in this order: another order along K for both factors, which changes no sum.
// Several pieces are under way (4 KB a warp), the first before the wait for the kernel in front. Lane sums meet in
// shared memory, warps in order; a thread finishes an element. Beyond the last row of w or x the last is read, never stored.
// Grid: N / 16. Shared: 6 KB for each 8 rows. Sums in f32. 2·M·N·K FLOPs; bytes: w once. K a multiple of 8, N any.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Matrix product for few rows on tensor cores, at the rate of memory.</summary>
/// <param name="X">Type of x and w.</param>
/// <param name="Rows">M, 2 to <see cref="MaxRows"/>.</param>
/// <param name="Ahead">
/// Pieces of 32 elements of K that a warp loads before it multiplies the first, with K at least 32 · Ahead ·
/// <see cref="Warps"/>; 0 where K is too short for one.
/// </param>
/// <param name="Epilogue">What is fused behind; of width 1.</param>
internal sealed record GemvTensorCore(DType X, int Rows, int Ahead, GpuEpilogue Epilogue) : IKernelVariant
{
    /// <summary>Most rows of x.</summary>
    public const int MaxRows = 16;

    /// <summary>Warps of a block.</summary>
    public const int Warps = 8;

    private const int WeightRows = 16;
    private const int Piece = 32; // elements of K
    private const int Words = 4; // of a lane's 8 elements
    private const int SumsPitch = 24; // words between the sums of two rows of x: no bank twice, written or read

    /// <inheritdoc/>
    public string Name => $"gemv_tensor_{Rows}row_{X.ShortName()}_x{Ahead}{Epilogue.Name}";

    private int Tiles => (Rows + 7) / 8;

    /// <summary>True for operands it takes.</summary>
    public static bool Fits(BoundTensor x, BoundTensor w) =>
        x.Rows is > 1 and <= MaxRows && GemmTensorCore.PieceFor(x, w) == 8;

    /// <summary>How many pieces a warp should load ahead: fewer where K is short.</summary>
    public static int AheadFor(int k)
    {
        var ahead = 4;
        while (Piece * ahead * Warps > k) ahead /= 2;
        return ahead;
    }

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y = epilogue(x · w^T) for few rows of x on tensor cores",
            Grid = size => new GridShape(GridShape.Cover(size["n"], WeightRows)),
            Flops = size => 2 * size["m"] * size["n"] * size["k"],
            Bytes = size => X.ByteSize(size["m"] * size["k"] + size["n"] * size["k"])
                + Epilogue.Bytes(size["m"], size["n"]),
        };
        return PtxKernel.Define(Name, new BlockShape(32 * Warps), facts, Stage);
    }

    private void Stage(KernelBuilder k)
    {
        var x = k.InputFloats("x", X, 16);
        var xPitch = k.Scalar<S64>("x_pitch");
        var w = k.InputFloats("w", X, 16);
        var wPitch = k.Scalar<S64>("w_pitch");
        k.Scalar<S32>("m");
        var n = k.Scalar<S32>("n");
        var inner = k.Scalar<S32>("k");
        var epilogue = new GpuEpilogueCode(k, Epilogue, n);

        var (group, quarter) = (LaneId >> 2, LaneId & 3);
        var column0 = BlockIdx.X * WeightRows;
        FloatPtr[] weights = [Row(w, column0 + group, n - 1, wPitch), Row(w, column0 + group + 8, n - 1, wPitch)];
        var hint = LoadHint.Stream with { Policy = Isa.CreatepolicyFractionalL2(L2Eviction.EvictFirst) };

        // Weights are constants of a request: the first come while the kernel in front still computes x.
        S32 Start(S32 step) => step * (Piece * Ahead) + quarter * 8;
        var early = Load(weights, Start(WarpId), Ahead, hint with { NonCoherent = false });
        Isa.GriddepcontrolWait();

        var rows = new FloatPtr[Tiles];
        for (var i = 0; i < Tiles; i++) rows[i] = Row(x, group + 8 * i, Rows - 1, xPitch);
        // A warp finishes 8 columns of 4 rows, of which the even rows of a tile lie first in shared memory.
        var (isOdd, isUpper) = (WarpId >> 1 & 1, WarpId & 1);
        var (row, column) = ((WarpId >> 2) * 8 + (LaneId >> 3) * 2 + isOdd, isUpper * 8 + (LaneId & 7));
        var finishes = (row < Rows) & (column0 + column < n);
        var loaded = epilogue.LoadAhead(finishes, row, column0 + column);

        var sums = new Var<F32>[Tiles][];
        for (var i = 0; i < Tiles; i++) sums[i] = [Var(0f), Var(0f), Var(0f), Var(0f)];
        S32 left = 0;
        if (Ahead > 0)
        {
            var whole = inner >> int.Log2(Piece * Ahead);
            Multiply(early, Load(rows, Start(WarpId), Ahead, LoadHint.None), sums);
            For(WarpId + Warps, whole, Warps, step => Multiply(
                Load(weights, Start(step), Ahead, hint), Load(rows, Start(step), Ahead, LoadHint.None), sums));
            left = whole << int.Log2(Piece * Ahead);
        }

        For(left + WarpId * Piece, inner, Warps * Piece, start =>
        {
            var at = start + quarter * 8;
            Multiply(LoadIf(at < inner, weights, at, hint), LoadIf(at < inner, rows, at, LoadHint.None), sums);
        });

        var parts = Parts(sums);
        If(finishes, () =>
        {
            var from = parts + (((WarpId >> 2) * 8 + isOdd * 4 + (LaneId >> 3)) * SumsPitch + column);
            var total = from[0];
            for (var warp = 1; warp < Warps; warp++) total += from[warp * Tiles * 8 * SumsPitch];
            epilogue.Finish(row, column0 + column, [total], loaded);
        });
    }

    private static FloatPtr Row(FloatPtr matrix, S32 row, S32 last, S64 pitch) =>
        matrix + Min(row, last).ToS64() * pitch;

    /// <summary>Loads the lane's share of so many pieces: by piece, row and word.</summary>
    private static B32[][][] Load(FloatPtr[] rows, S32 start, int count, LoadHint hint)
    {
        var pieces = new B32[count][][];
        for (var i = 0; i < count; i++)
            pieces[i] = Array.ConvertAll(rows, row => (row + start + i * Piece).LoadPacked(2 * Words, hint));
        return pieces;
    }

    /// <summary>Loads the lane's share of one piece, zeros behind the end of K.</summary>
    private static B32[][][] LoadIf(Pred isInside, FloatPtr[] rows, S32 start, LoadHint hint) =>
    [
        Array.ConvertAll(rows, row =>
        {
            var words = new Var<B32>[Words];
            for (var i = 0; i < Words; i++) words[i] = Var<B32>(0u);
            var from = row + start;
            When(isInside, () =>
            {
                var loaded = from.LoadPacked(2 * Words, hint);
                for (var i = 0; i < Words; i++) words[i].Set(loaded[i]);
            });
            return Array.ConvertAll(words, word => word.Value);
        }),
    ];

    private void Multiply(B32[][][] weights, B32[][][] x, Var<F32>[][] sums)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var (low, high) = (weights[i][0], weights[i][1]);
            for (var half = 0; half < Words; half += 2)
            {
                B32[] a = [low[half], high[half], low[half + 1], high[half + 1]];
                for (var tile = 0; tile < Tiles; tile++)
                {
                    var b = x[i][tile].AsSpan(half, 2);
                    if (X == DType.BF16) Isa.MmaSyncM16N8K16RowColF32<BF16>(sums[tile], a, b);
                    else Isa.MmaSyncM16N8K16RowColF32<F16>(sums[tile], a, b);
                }
            }
        }
    }

    /// <summary>
    /// Puts the warps' sums into shared memory. Lane 4g+t has rows 2t and 2t+1 of x for columns g and g+8; the even
    /// rows of a tile lie first, then the odd ones.
    /// </summary>
    private Shared<F32> Parts(Var<F32>[][] sums)
    {
        var parts = SharedArray<F32>(Warps * Tiles * 8 * SumsPitch);
        var place = parts + (WarpId * (Tiles * 8 * SumsPitch) + (LaneId & 3) * SumsPitch + (LaneId >> 2));
        for (var tile = 0; tile < Tiles; tile++)
            for (var i = 0; i < 4; i++)
                place[(8 * tile + 4 * (i & 1)) * SumsPitch + 8 * (i >> 1)] = sums[tile][i];
        Barrier();
        return parts;
    }
}
