// y = (x − mean) / √(mean((x − mean)²) + ε) · weight + bias over a row; mean = 0 and no bias for RMS normalisation.
// x [rows, columns] of In, rows `pitch` apart (may be a column slice); weight, bias [columns] f32; y [rows, columns] of
// Out, dense; may be x itself when the types are the same (a thread writes only what it read).
// With groups a row is so many rows of `columns` side by side, each with its own weight and bias.
// A row belongs to one warp (8 rows a block) or to one block; it is read once, into at most 32 registers a thread, so
// the two passes (mean, then squares of differences) cost no memory. Lanes walk the row in vectors of up to 16 bytes.
// Sums in f32: up to 32 elements a thread, then butterflies, then warps in order. 8 (5) FLOPs per element.
// Bytes: x and y once; weight and bias once a row, from the first-level cache. Columns: at most Threads · 32;
// with several vectors a thread more than half of what they hold, so that no row ends before the second half of them.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Normalisation of rows that fit the registers of a warp or a block.</summary>
/// <param name="In">Type of x.</param>
/// <param name="Out">Type of y.</param>
/// <param name="Centered">True to subtract the mean.</param>
/// <param name="Bias">True when there is a bias.</param>
/// <param name="Threads">Threads of a row: 32, or a whole block.</param>
/// <param name="Vector">Elements of one access.</param>
/// <param name="Vectors">Accesses of a thread.</param>
/// <param name="Groups">Rows side by side.</param>
internal sealed record RowNormKernel(
    DType In, DType Out, bool Centered, bool Bias, int Threads, int Vector, int Vectors, int Groups) : IKernelVariant
{
    private const int WarpsPerBlock = 8;
    private const int MaxElements = 32;

    public string Name => (Centered ? "layer_norm" : "rms_norm") + (Threads == 32 ? "_warp" : "_block")
        + $"_{In.ShortName()}_{Out.ShortName()}{(Bias ? "_bias" : "")}_{Threads}x{Vectors}x{Vector}"
        + (Groups > 1 ? $"_{Groups}groups" : "");

    private int RowsPerBlock => Threads == 32 ? WarpsPerBlock : 1;

    /// <summary>The variant for a row length, or null when no block holds the row.</summary>
    public static RowNormKernel? For(
        long columns, DType input, DType output, bool centered, bool bias, int vector, int groups = 1)
    {
        foreach (var threads in (ReadOnlySpan<int>)[32, 256, 512])
        {
            if (columns > threads * MaxElements) continue;
            var vectors = 1;
            while (threads * vector * vectors < columns) vectors *= 2;
            return new RowNormKernel(input, output, centered, bias, threads, vector, vectors, groups);
        }

        return null;
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = Centered
                ? "y = (x - mean) / sqrt(var + epsilon) * weight + bias"
                : "y = x / sqrt(mean(x^2) + epsilon) * weight",
            Grid = size => new GridShape(GridShape.Cover(size["rows"], RowsPerBlock)),
            Flops = size => (Centered ? 8 : 5) * size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (In.ByteSize(size["columns"]) + Out.ByteSize(size["columns"]))
                + (Bias ? 8 : 4) * Groups * size["columns"],
        };
        return PtxKernel.Define(Name, new BlockShape(Threads * RowsPerBlock), facts, k =>
        {
            var x = k.InputFloats("x", In, (int)In.ByteSize(Vector));
            var weight = new NormParameters(k, "weight", Groups, Vector);
            var bias = Bias ? new NormParameters(k, "bias", Groups, Vector) : null;
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Vector));
            var pitch = k.Scalar<S64>("pitch");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");
            var epsilon = k.Scalar<F32>("epsilon");

            var (row, thread) = Place(rows);
            var (source, group) = (x + row.ToS64() * pitch, (S32)0);
            if (Groups > 1)
            {
                var whole = row / Groups;
                group = row - whole * Groups;
                source = x + (whole.ToS64() * pitch + Isa.MulWide(group, columns));
            }

            var pieces = new Piece[Vectors];
            for (var i = 0; i < Vectors; i++)
            {
                var column = (thread + i * Threads) * Vector;
                pieces[i] = Read(source, column, i < Vectors / 2 ? null : column < columns);
            }

            F32 mean = 0f;
            if (Centered)
            {
                var sum = Var(0f);
                foreach (var value in pieces.SelectMany(piece => piece.Values)) sum += value;
                mean = RowSum(sum) / columns.ToF32();
            }

            var squares = Var(0f);
            foreach (var piece in pieces)
            {
                foreach (var value in piece.Values)
                {
                    // Elements beyond the row are 0; their difference to the mean is not.
                    var difference = Centered ? value - mean : value.Value;
                    if (Centered && piece.IsInside is { } isInside) difference = Select(isInside, difference, 0f);
                    squares += difference * difference;
                }
            }

            var scale = 1f / Sqrt(RowSum(squares) / columns.ToF32() + epsilon);
            var result = y + Isa.MulWide(row, columns);
            foreach (var piece in pieces)
            {
                var column = piece.IsInside is null ? piece.Column : Min(piece.Column, columns - Vector);
                var weights = weight.Load(group, column, Vector);
                var shifts = bias?.Load(group, column, Vector) ?? [];
                var values = new F32[Vector];
                for (var i = 0; i < Vector; i++)
                {
                    var normal = (Centered ? piece.Values[i] - mean : piece.Values[i].Value) * scale;
                    values[i] = Bias ? Fma(normal, weights[i], shifts[i]) : normal * weights[i];
                }

                Where(piece.IsInside, () => result.Store(piece.Column, values));
            }
        });
    }

    /// <summary>This thread's row and its place in it. Warps without a row end: nothing below waits for them.</summary>
    private (S32 Row, S32 Thread) Place(S32 rows)
    {
        if (Threads != 32) return (BlockIdx.X, ThreadIdx.X);
        var row = BlockIdx.X * WarpsPerBlock + WarpId;
        ReturnIf(row >= rows);
        return (row, LaneId);
    }

    private Piece Read(FloatPtr source, S32 column, Pred? isInside)
    {
        var piece = new Piece(column, isInside, new Var<F32>[Vector]);
        for (var i = 0; i < Vector; i++) piece.Values[i] = Var(0f);
        Where(isInside, () =>
        {
            var loaded = source.Load(column, Vector);
            for (var i = 0; i < Vector; i++) piece.Values[i].Set(loaded[i]);
        });
        return piece;
    }

    private static void Where(Pred? isInside, Action body)
    {
        if (isInside is { } guard) When(guard, body);
        else body();
    }

    private F32 RowSum(F32 value) => Threads == 32 ? WarpSum(value) : BlockSum(value);

    /// <summary>
    /// Neighbouring elements of one thread, 0 where the row has ended; no condition where it never has.
    /// </summary>
    private sealed record Piece(S32 Column, Pred? IsInside, Var<F32>[] Values);
}
