using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Σ weight · value of a warp's queries, D columns in parts, so that each part has a product of its own.
/// </summary>
internal sealed class ValueSums
{
    /// <summary>Sums that start as zero.</summary>
    /// <param name="rows">Queries of a warp, a multiple of 16.</param>
    /// <param name="widths">Columns of each part, multiples of 16.</param>
    public ValueSums(int rows, IEnumerable<int> widths)
    {
        var parts = new List<(int, Accumulator)>();
        foreach (var width in widths)
        {
            parts.Add((Columns, new Accumulator(rows, width)));
            Columns += width;
        }

        Parts = parts;
    }

    /// <summary>The parts with the first column of each.</summary>
    public IReadOnlyList<(int FirstColumn, Accumulator Sums)> Parts { get; }

    /// <summary>Columns of all parts.</summary>
    public int Columns { get; }

    /// <summary>Widths of at most 64, so that few values are in registers at a time.</summary>
    public static IEnumerable<int> Narrow(int columns)
    {
        for (; columns > 0; columns -= 64) yield return Math.Min(64, columns);
    }

    /// <summary>Multiplies the rows ℓ/4, ℓ/4 + 8 … of this lane.</summary>
    public void Scale(F32[] byRow) => ForEachPair((dr, _, low, high) =>
    {
        low *= byRow[dr / 8];
        high *= byRow[dr / 8];
    });

    /// <summary>Runs host code over the sums of this lane, as <see cref="Accumulator.ForEachPair"/> does.</summary>
    public void ForEachPair(Action<int, int, Var<F32>, Var<F32>> visit)
    {
        foreach (var (first, part) in Parts)
            part.ForEachPair((dr, dc, low, high) => visit(dr, first + dc, low, high));
    }

    /// <summary>Divides every row by its weights' sum, in the end.</summary>
    public void Normalise(OnlineSoftmax softmax, int rows)
    {
        softmax.Gather(4);
        var norms = new F32[rows];
        for (var r = 0; r < rows; r++) norms[r] = softmax.Norm(r);
        Scale(norms);
    }
}
