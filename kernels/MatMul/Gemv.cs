// Matrix product for 1 to 8 rows of x (decode): y = epilogue(x · wᵀ), bound by reading w once.
// x [M, K] and w [N, K] row-major in f32, f16 or bf16, rows any pitch apart; y and epilogue: GpuEpilogue of width 1.
// A block is 4 warps. `Slices` of them share 1, 2 or 4 rows of w and take turns along K; a lane reads a piece of each
// row at a time, several pieces ahead (32 registers of weights, 4 KB a warp under way), past the first-level cache; x
// comes from the caches. Lane sums are added in the warp, warps in order in shared memory, then a thread finishes an element.
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
/// <param name="Slices">Warps that share rows of w: 1, 2 or 4.</param>
/// <param name="Epilogue">What is fused behind; of width 1.</param>
/// <param name="Norm">What is fused in front, or null.</param>
internal sealed record Gemv(
    DType X, DType W, int Rows, int Piece, int Slices, GpuEpilogue Epilogue, GemvNorm? Norm = null) : IKernelVariant
{
    /// <summary>Most rows of x.</summary>
    public const int MaxRows = 8;

    /// <summary>Warps of a block, and most slices.</summary>
    public const int Warps = 4;

    private const int RegistersUnderWay = 32;

    /// <summary>Rows of w a warp multiplies together: the more rows of x, the more often each x must be used.</summary>
    public static int WeightRows(int rows) => rows switch { 1 => 1, <= 4 => 2, _ => 4 };

    /// <summary>Elements of K that a warp has under way.</summary>
    public static int StepLength(int rows, DType w, int piece) =>
        32 * piece * Unroll(rows, w, piece);

    /// <inheritdoc/>
    public string Name =>
        $"gemv_{Rows}row_{X.ShortName()}_{W.ShortName()}_x{Piece}_{Slices}slice{Epilogue.Name}{Norm?.Name}";

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

    private static int Unroll(int rows, DType w, int piece) =>
        Math.Min(8, RegistersUnderWay / (WeightRows(rows) * Math.Max(1, (int)w.ByteSize(piece) / 4)));

    private void Stage(KernelBuilder k)
    {
        var normalise = Norm?.Declare(k, X, Rows, Warps);
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
        Func<int, S32, int, F32[]> read; // a piece of a row of x
        if (normalise is null)
        {
            var rows = new FloatPtr[Rows];
            for (var i = 0; i < Rows; i++) rows[i] = x + (S64)i * xPitch;
            read = (m, at, ahead) => Load(rows[m] + at + ahead, LoadHint.None)();
        }
        else
        {
            var normed = normalise(inner);
            read = (m, at, ahead) => (normed + at + (m * Norm!.Capacity + ahead)).Load(Piece);
        }

        var sums = new Var<F32>[Rows * Columns];
        for (var i = 0; i < sums.Length; i++) sums[i] = Var(0f);
        var unroll = Unroll(Rows, W, Piece);
        var policy = Isa.CreatepolicyFractionalL2(L2Eviction.EvictFirst);
        var hint = LoadHint.Stream with { Policy = policy };
        var pieces = Piece == 1 ? inner : inner >> int.Log2(Piece);
        var whole = pieces >> int.Log2(32 * unroll);
        For(slice, whole, Slices, step => Multiply(weights, read, step * (32 * unroll) + LaneId, unroll, hint, sums));
        For((whole << int.Log2(32 * unroll)) + slice * 32 + LaneId, pieces, 32 * Slices,
            piece => Multiply(weights, read, piece, 1, hint, sums));

        var padded = new F32[Sums];
        for (var i = 0; i < Sums; i++) padded[i] = i < sums.Length ? sums[i].Value : 0f;
        var sum = WarpSums(padded);
        var parts = SharedArray<F32>(Warps * SumsPitch);
        var lanes = 32 / Sums; // that hold the same sum
        When((LaneId & (lanes - 1)) == 0, () => parts[WarpId * SumsPitch + (LaneId >> int.Log2(lanes))] = sum);
        Barrier();

        // Neighbouring threads finish neighbouring columns.
        var row = ThreadIdx.X >> int.Log2(BlockColumns);
        var column = ThreadIdx.X & (BlockColumns - 1);
        If((row < Rows) & (column0 + column < n), () =>
        {
            var firstWarp = (column >> int.Log2(Columns)) * Slices;
            var from = parts + (firstWarp * SumsPitch + row * Columns + (column & (Columns - 1)));
            var total = from[0];
            for (var i = 1; i < Slices; i++) total += from[i * SumsPitch];
            epilogue.Store(row, column0 + column, [total]);
        });
    }

    /// <summary>Adds the products of the piece and of every 32nd after it; all weights are loaded first.</summary>
    private void Multiply(
        FloatPtr[] weights, Func<int, S32, int, F32[]> read, S32 piece, int unroll, LoadHint hint, Var<F32>[] sums)
    {
        var at = piece * Piece;
        var loaded = new Func<F32[]>[unroll, Columns];
        for (var u = 0; u < unroll; u++)
            for (var c = 0; c < Columns; c++) loaded[u, c] = Load(weights[c] + at + 32 * Piece * u, hint);
        for (var u = 0; u < unroll; u++)
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
