// Matrix product for 1 to 8 rows of x (decode): y = epilogue(x · wᵀ), bound by reading w once. Several rows of x in 16
// bits take GemvTensorCore.
// x [M, K] and w [N, K] row-major in f32, f16 or bf16, rows any pitch apart; y and epilogue: GpuEpilogue of width 1.
// A block is 4 warps. `Slices` of them share 1, 2 or 4 rows of w and take turns along K; a lane reads a piece of each
// row at a time, several pieces ahead (32 registers of weights, 4 KB a warp under way), past the first-level cache; the
// first of them before it waits for the kernel in front, which computes x. x comes from the caches. Lane sums are added
// in the warp, warps in order in shared memory, then a thread finishes an element.
// Grid: N / rows of w a block. Shared: at most 640 bytes. Sums in f32. 2·M·N·K FLOPs; bytes: w once.
// Piece: 16 bytes of the wider type where rows allow it (then all sectors are whole), else one element. N, K any.
// With a normalisation in front (GemvNorm) the rows of x come normalised from shared memory.

using System.Numerics;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Matrix product for few rows, at the rate of memory.</summary>
/// <param name="X">Type of x, of normalised rows if there is a normalisation.</param>
/// <param name="W">Type of w.</param>
/// <param name="Rows">M, 1 to <see cref="MaxRows"/>.</param>
/// <param name="Piece">Elements a lane reads at a time: 8, 4 or 1.</param>
/// <param name="Ahead">
/// Pieces of each row of w that a lane loads before it multiplies the first: a power of two, with K at least
/// 32 · Piece · Ahead · Slices; 0 where K is too short for one.
/// </param>
/// <param name="Slices">Warps that share rows of w: 1, 2 or 4.</param>
/// <param name="Epilogue">What is fused behind; of width 1.</param>
/// <param name="Norm">What is fused in front, or null.</param>
internal sealed record Gemv(
    DType X, DType W, int Rows, int Piece, int Ahead, int Slices, GpuEpilogue Epilogue, GemvNorm? Norm = null)
    : IKernelVariant
{
    /// <summary>Most rows of x.</summary>
    public const int MaxRows = 8;

    /// <summary>Warps of a block, and most slices.</summary>
    public const int Warps = 4;

    private const int RegistersUnderWay = 32;

    /// <summary>Rows of w a warp multiplies together: the more rows of x, the more often each x must be used.</summary>
    public static int WeightRows(int rows) => rows switch { 1 => 1, <= 4 => 2, _ => 4 };

    /// <summary>How many pieces of each row of w a lane should load ahead: fewer where K is short.</summary>
    public static int AheadFor(int rows, DType w, int piece, int slices, int k)
    {
        var ahead = Math.Min(8, RegistersUnderWay / (WeightRows(rows) * Math.Max(1, (int)w.ByteSize(piece) / 4)));
        while (32 * piece * ahead * slices > k) ahead /= 2;
        return ahead;
    }

    /// <inheritdoc/>
    public string Name =>
        $"gemv_{Rows}row_{X.ShortName()}_{W.ShortName()}_x{Piece}x{Ahead}_{Slices}slice{Epilogue.Name}{Norm?.Name}";

    private int Columns => WeightRows(Rows);

    private int Sums => (int)BitOperations.RoundUpToPowerOf2((uint)(Rows * Columns));

    /// <summary>Words between the sums of two warps: 8 modulo the banks, so that no bank is read twice.</summary>
    private int SumsPitch => Sums <= 8 ? 8 : 40;

    private int BlockColumns => Warps / Slices * Columns;

    /// <inheritdoc/>
    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = $"y = epilogue({(Norm is null ? "x" : "norm(x)")} · w^T) for few rows of x",
            Grid = size => new GridShape(GridShape.Cover(size["n"], BlockColumns)),
            Flops = size => 2 * size["m"] * size["n"] * size["k"] + (Norm?.Flops(size["m"], size["k"]) ?? 0),
            Bytes = size => (Norm?.Bytes(size["m"], size["k"]) ?? X.ByteSize(size["m"] * size["k"]))
                + W.ByteSize(size["n"] * size["k"]) + Epilogue.Bytes(size["m"], size["n"]),
        };
        return PtxKernel.Define(Name, new BlockShape(32 * Warps), facts, Stage);
    }

    private void Stage(KernelBuilder k)
    {
        var norm = Norm is null ? null : new GemvNormCode(k, Norm, Rows);
        var x = Norm is null ? k.InputFloats("x", X, (int)X.ByteSize(Piece)) : default;
        var xPitch = Norm is null ? k.Scalar<S64>("x_pitch") : default;
        var w = k.InputFloats("w", W, (int)W.ByteSize(Piece));
        var wPitch = k.Scalar<S64>("w_pitch");
        k.Scalar<S32>("m");
        var n = k.Scalar<S32>("n");
        var inner = k.Scalar<S32>("k");
        var epilogue = new GpuEpilogueCode(k, Epilogue, n);

        var (group, slice) = (WarpId >> int.Log2(Slices), WarpId & (Slices - 1));
        var column0 = BlockIdx.X * BlockColumns;
        var weights = new FloatPtr[Columns];
        for (var i = 0; i < Columns; i++) // beyond the last row of w its last row is read, and never stored
            weights[i] = w + Min(column0 + group * Columns + i, n - 1).ToS64() * wPitch;
        var policy = Isa.CreatepolicyFractionalL2(L2Eviction.EvictFirst);
        var hint = LoadHint.Stream with { Policy = policy };
        var pieces = Piece == 1 ? inner : inner >> int.Log2(Piece);
        S32 PieceOf(S32 step) => step * (32 * Ahead) + LaneId;

        // Weights are constants of a request: the first come while the kernel in front still computes x.
        var early = LoadAll(weights, PieceOf(slice), Ahead, hint with { NonCoherent = false });
        var normalise = norm?.Begin(X, inner);
        Isa.GriddepcontrolWait();

        // Neighbouring threads finish neighbouring columns.
        var row = ThreadIdx.X >> int.Log2(BlockColumns);
        var column = ThreadIdx.X & (BlockColumns - 1);
        var finishes = (row < Rows) & (column0 + column < n);
        var loaded = epilogue.LoadAhead(finishes, row, column0 + column);

        Func<int, S32, int, F32[]> read; // a piece of a row of x
        if (normalise is null)
        {
            var rows = new FloatPtr[Rows];
            for (var i = 0; i < Rows; i++) rows[i] = x + (S64)i * xPitch;
            read = (m, at, ahead) => Load(rows[m] + at + ahead, LoadHint.None)();
        }
        else
        {
            var normed = normalise();
            read = (m, at, ahead) => (normed + at + (m * Norm!.Capacity + ahead)).Load(Piece);
        }

        var sums = new Var<F32>[Rows * Columns];
        for (var i = 0; i < sums.Length; i++) sums[i] = Var(0f);
        Add(early, read, PieceOf(slice), sums);
        var left = slice * 32 + LaneId;
        if (Ahead > 0)
        {
            var whole = pieces >> int.Log2(32 * Ahead);
            For(slice + Slices, whole, Slices,
                step => Add(LoadAll(weights, PieceOf(step), Ahead, hint), read, PieceOf(step), sums));
            left += whole << int.Log2(32 * Ahead);
        }

        For(left, pieces, 32 * Slices, piece => Add(LoadAll(weights, piece, 1, hint), read, piece, sums));

        var padded = new F32[Sums];
        for (var i = 0; i < Sums; i++) padded[i] = i < sums.Length ? sums[i].Value : 0f;
        var sum = WarpSums(padded);
        var parts = SharedArray<F32>(Warps * SumsPitch);
        var lanes = 32 / Sums; // that hold the same sum
        var place = parts + (WarpId * SumsPitch + (LaneId >> int.Log2(lanes)));
        if (lanes == 1) place[0] = sum;
        else When((LaneId & (lanes - 1)) == 0, () => place[0] = sum);
        Barrier();

        If(finishes, () =>
        {
            var firstWarp = (column >> int.Log2(Columns)) * Slices;
            var from = parts + (firstWarp * SumsPitch + row * Columns + (column & (Columns - 1)));
            var total = from[0];
            for (var i = 1; i < Slices; i++) total += from[i * SumsPitch];
            epilogue.Finish(row, column0 + column, [total], loaded);
        });
    }

    /// <summary>Loads the piece and every 32nd after it, so many of each row of w.</summary>
    private Func<F32[]>[,] LoadAll(FloatPtr[] weights, S32 piece, int count, LoadHint hint)
    {
        var loaded = new Func<F32[]>[count, Columns];
        for (var u = 0; u < count; u++)
            for (var c = 0; c < Columns; c++) loaded[u, c] = Load(weights[c] + piece * Piece + 32 * Piece * u, hint);
        return loaded;
    }

    /// <summary>Adds the products of what was loaded from the piece and every 32nd after it.</summary>
    private void Add(Func<F32[]>[,] loaded, Func<int, S32, int, F32[]> read, S32 piece, Var<F32>[] sums)
    {
        var at = piece * Piece;
        for (var u = 0; u < loaded.GetLength(0); u++)
        {
            var factors = new F32[Columns][];
            for (var c = 0; c < Columns; c++) factors[c] = loaded[u, c]();
            for (var m = 0; m < Rows; m++)
            {
                var values = read(m, at, 32 * Piece * u);
                for (var c = 0; c < Columns; c++)
                    for (var i = 0; i < Piece; i++) sums[m * Columns + c] += factors[c][i] * values[i];
            }
        }
    }

    /// <summary>Loads a piece now and widens it when asked.</summary>
    private Func<F32[]> Load(FloatPtr from, LoadHint hint)
    {
        if (Piece == 1)
        {
            var value = from[0];
            return () => [value];
        }

        var words = from.LoadPacked(Piece, hint);
        return () => from.Widen(words);
    }
}
