using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Turns rows of a matrix into a panel for <see cref="ProductTile{TLanes}"/>: panel[k, W], f32, where column c is row c
/// of the source. Rows beyond the source become zeros.
/// </summary>
internal static unsafe class WeightPanel<TLanes, TWeight>
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    private const int PrefetchPieces = 4;

    /// <summary>Fills panel[0 … k−1, W] from <paramref name="count"/> ≤ W rows of a weight, from element step on.</summary>
    public static void Fill(in WeightRows weight, int row, int count, nint step, nint k, float* panel)
    {
        for (var first = 0; first < ProductTile<TLanes>.Width; first += TLanes.Count)
        {
            var rows = Math.Clamp(count - first, 0, TLanes.Count);
            FillColumns(rows == 0 ? default : weight.BlockAt(row + first), rows, step, k, panel + first);
        }
    }

    /// <summary>Fills panel[0 … k−1, W] from <paramref name="count"/> ≤ W row-major rows of k elements.</summary>
    public static void Fill(byte* source, nint pitchBytes, int count, nint k, float* panel) =>
        Fill(new WeightRows(source, pitchBytes, count, interleaved: false), 0, count, 0, k, panel);

    /// <summary>Fills the columns of one vector from as many rows or fewer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillColumns(RowBlock block, int rows, nint firstStep, nint k, float* columns)
    {
        var width = ProductTile<TLanes>.Width;
        var blockSteps = TLanes.Count * sizeof(uint) / TWeight.Size;
        nint step = 0;
        if (rows == TLanes.Count)
        {
            for (; step <= k - blockSteps; step += blockSteps)
            {
                var source = block.At((firstStep + step) * TWeight.Size);
                Prefetch(source + PrefetchPieces * block.PiecePitch, block.RowPitch);
                TLanes.Transpose<TWeight>(source, block.RowPitch, columns + step * width, width);
            }
        }

        for (; step < k; step++)
        {
            var rest = block.At((firstStep + step) * TWeight.Size);
            var line = columns + step * width;
            for (var row = 0; row < TLanes.Count; row++)
                line[row] = row < rows ? TWeight.LoadOne(rest + row * block.RowPitch) : 0f;
        }
    }

    /// <summary>Asks for the cache lines of as many rows as a vector has lanes; never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* address, nint pitch)
    {
        if (!Sse.IsSupported) return;
        for (var row = 0; row < TLanes.Count; row++) Sse.Prefetch0(address + row * pitch);
    }
}
