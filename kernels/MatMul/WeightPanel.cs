using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Turns rows of a row-major matrix into a panel for <see cref="ProductTile{TLanes}"/>: panel[k, W], f32, where column c
/// is row c of the source. Rows beyond the source become zeros.
/// </summary>
internal static unsafe class WeightPanel<TLanes, TWeight>
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    /// <summary>Fills panel[0 … k−1, W] from <paramref name="rows"/> ≤ W source rows of k elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(byte* source, nint pitchBytes, int rows, nint k, float* panel)
    {
        var width = ProductTile<TLanes>.Width;
        var blockSteps = TLanes.Count * sizeof(uint) / TWeight.Size;
        for (var first = 0; first < width; first += TLanes.Count)
        {
            var blockRows = Math.Clamp(rows - first, 0, TLanes.Count);
            nint step = 0;
            if (blockRows == TLanes.Count)
            {
                for (; step <= k - blockSteps; step += blockSteps)
                    TLanes.Transpose<TWeight>(source + first * pitchBytes + step * TWeight.Size, pitchBytes, panel + step * width + first, width);
            }

            for (; step < k; step++)
            {
                var line = panel + step * width + first;
                for (var row = 0; row < TLanes.Count; row++)
                    line[row] = row < blockRows ? TWeight.LoadOne(source + (first + row) * pitchBytes + step * TWeight.Size) : 0f;
            }
        }
    }
}
