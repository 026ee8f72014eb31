// Dot products of stored weight rows with one, two or four f32 vectors, at memory speed.
//
// The rows are read one after the other, as one stream: on the machine measured that beats several rows side by side,
// unless the vector is too long for L1.
// A 2-byte row is read in whole 32-bit words; a word's lower half is the even element, its upper half the odd one, so
// widening costs one instruction per vector and no shuffle. The f32 vectors are arranged to match: in each block of two
// vectors first the even elements, then the odd ones; zeros pad the last block. Lanes run along the row; a row ends with
// one store of its partial sums, their horizontal addition comes later and does not hold up the next row.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FlamingoGpu.Kernels;

/// <summary>Products of weight rows with arranged vectors.</summary>
internal static unsafe class RowProducts<TLanes, TWeight>
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    private const int MaxBlockBytes = 2 * 16 * sizeof(float);

    /// <summary>Elements that one pass of the inner loop takes from a row: two vectors.</summary>
    public static int Block
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Count;
    }

    /// <summary>Length of an arranged vector of k elements.</summary>
    public static nint ArrangedLength(nint k) => (k + Block - 1) / Block * Block;

    /// <summary>Arranges a vector of k elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Arrange(float* x, nint k, float* arranged)
    {
        if (TWeight.Size == sizeof(float))
        {
            Rows.Copy(x, arranged, k);
            new Span<float>(arranged + k, (int)(ArrangedLength(k) - k)).Clear();
            return;
        }

        for (nint first = 0; first < k; first += Block)
        {
            if (first + Block <= k)
            {
                TLanes.Deinterleave(x + first, arranged + first);
                continue;
            }

            new Span<float>(arranged + first, Block).Clear();
            for (var i = first; i < k; i++) arranged[first + (i - first) / 2 + (i & 1) * TLanes.Count] = x[i];
        }
    }

    /// <summary>One vector times each row: <paramref name="lanes"/>[row, 1] are vectors of partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(in RowRun run, float* x, float* lanes)
    {
        var tail = stackalloc byte[MaxBlockBytes];
        for (var index = 0; index < run.Count; index++)
        {
            var row = run.Row(index);
            var ahead = run.Ahead(index);
            var blocks = run.Length / Block;
            var rest = (int)(run.Length % Block);
            var a = x;
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
            for (; blocks >= 2; blocks -= 2)
            {
                PrefetchStream(row + ahead);
                PrefetchStream(row + ahead + Block * TWeight.Size);
                sum0 = TLanes.MultiplyAdd(First(row), TLanes.Load(a), sum0);
                sum1 = TLanes.MultiplyAdd(Second(row), TLanes.Load(a + TLanes.Count), sum1);
                sum2 = TLanes.MultiplyAdd(First(row + Block * TWeight.Size), TLanes.Load(a + Block), sum2);
                sum3 = TLanes.MultiplyAdd(Second(row + Block * TWeight.Size), TLanes.Load(a + Block + TLanes.Count), sum3);
                row += 2 * Block * TWeight.Size;
                a += 2 * Block;
            }

            while (true)
            {
                for (; blocks > 0; blocks--)
                {
                    PrefetchStream(row + ahead);
                    sum0 = TLanes.MultiplyAdd(First(row), TLanes.Load(a), sum0);
                    sum1 = TLanes.MultiplyAdd(Second(row), TLanes.Load(a + TLanes.Count), sum1);
                    row += Block * TWeight.Size;
                    a += Block;
                }

                if (rest == 0) break;
                row = CopyTail(row, rest, tail);
                (ahead, blocks, rest) = (0, 1, 0);
            }

            (sum0 + sum1 + (sum2 + sum3)).Store(lanes);
            lanes += TLanes.Count;
        }
    }

    /// <summary>
    /// As <see cref="One"/>, for rows so long that x does not stay in L1 beside the stream: four rows side by side share each
    /// part of x, while the four rows behind them are prefetched in the order of their addresses. Writes up to three
    /// vectors more than there are rows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneLong(in RowRun run, float* x, float* lanes)
    {
        var tail = stackalloc byte[4 * MaxBlockBytes];
        for (var index = 0; index < run.Count; index += 4)
        {
            var row0 = run.Row(index);
            var row1 = run.Row(Math.Min(index + 1, run.Count - 1));
            var row2 = run.Row(Math.Min(index + 2, run.Count - 1));
            var row3 = run.Row(Math.Min(index + 3, run.Count - 1));
            var next = row0 + run.Ahead(index + 3);
            var blocks = run.Length / Block;
            var rest = (int)(run.Length % Block);
            var a = x;
            TLanes sum00 = TLanes.Zero, sum01 = TLanes.Zero;
            TLanes sum10 = TLanes.Zero, sum11 = TLanes.Zero;
            TLanes sum20 = TLanes.Zero, sum21 = TLanes.Zero;
            TLanes sum30 = TLanes.Zero, sum31 = TLanes.Zero;
            while (true)
            {
                for (; blocks > 0; blocks--)
                {
                    var x0 = TLanes.Load(a);
                    var x1 = TLanes.Load(a + TLanes.Count);
                    PrefetchAhead(next);
                    sum00 = TLanes.MultiplyAdd(First(row0), x0, sum00);
                    sum01 = TLanes.MultiplyAdd(Second(row0), x1, sum01);
                    PrefetchAhead(next + Block * TWeight.Size);
                    sum10 = TLanes.MultiplyAdd(First(row1), x0, sum10);
                    sum11 = TLanes.MultiplyAdd(Second(row1), x1, sum11);
                    PrefetchAhead(next + 2 * Block * TWeight.Size);
                    sum20 = TLanes.MultiplyAdd(First(row2), x0, sum20);
                    sum21 = TLanes.MultiplyAdd(Second(row2), x1, sum21);
                    PrefetchAhead(next + 3 * Block * TWeight.Size);
                    sum30 = TLanes.MultiplyAdd(First(row3), x0, sum30);
                    sum31 = TLanes.MultiplyAdd(Second(row3), x1, sum31);
                    row0 += Block * TWeight.Size;
                    row1 += Block * TWeight.Size;
                    row2 += Block * TWeight.Size;
                    row3 += Block * TWeight.Size;
                    next += 4 * Block * TWeight.Size;
                    a += Block;
                }

                if (rest == 0) break;
                row0 = CopyTail(row0, rest, tail);
                row1 = CopyTail(row1, rest, tail + MaxBlockBytes);
                row2 = CopyTail(row2, rest, tail + 2 * MaxBlockBytes);
                row3 = CopyTail(row3, rest, tail + 3 * MaxBlockBytes);
                (blocks, rest) = (1, 0);
            }

            (sum00 + sum01).Store(lanes);
            (sum10 + sum11).Store(lanes + TLanes.Count);
            (sum20 + sum21).Store(lanes + 2 * TLanes.Count);
            (sum30 + sum31).Store(lanes + 3 * TLanes.Count);
            lanes += 4 * TLanes.Count;
        }
    }

    /// <summary>Two vectors times each row: <paramref name="lanes"/>[row, 2] are vectors of partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two(in RowRun run, float* x, nint pitch, float* lanes)
    {
        var tail = stackalloc byte[MaxBlockBytes];
        for (var index = 0; index < run.Count; index++)
        {
            var row = run.Row(index);
            var ahead = run.Ahead(index);
            var blocks = run.Length / Block;
            var rest = (int)(run.Length % Block);
            var a = x;
            TLanes sum00 = TLanes.Zero, sum01 = TLanes.Zero;
            TLanes sum10 = TLanes.Zero, sum11 = TLanes.Zero;
            while (true)
            {
                for (; blocks > 0; blocks--)
                {
                    PrefetchStream(row + ahead);
                    var first = First(row);
                    var second = Second(row);
                    sum00 = TLanes.MultiplyAdd(first, TLanes.Load(a), sum00);
                    sum01 = TLanes.MultiplyAdd(second, TLanes.Load(a + TLanes.Count), sum01);
                    sum10 = TLanes.MultiplyAdd(first, TLanes.Load(a + pitch), sum10);
                    sum11 = TLanes.MultiplyAdd(second, TLanes.Load(a + pitch + TLanes.Count), sum11);
                    row += Block * TWeight.Size;
                    a += Block;
                }

                if (rest == 0) break;
                row = CopyTail(row, rest, tail);
                (ahead, blocks, rest) = (0, 1, 0);
            }

            (sum00 + sum01).Store(lanes);
            (sum10 + sum11).Store(lanes + TLanes.Count);
            lanes += 2 * TLanes.Count;
        }
    }

    /// <summary>Four vectors times each row: <paramref name="lanes"/>[row, 4] are vectors of partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(in RowRun run, float* x, nint pitch, float* lanes)
    {
        var tail = stackalloc byte[MaxBlockBytes];
        for (var index = 0; index < run.Count; index++)
        {
            var row = run.Row(index);
            var ahead = run.Ahead(index);
            var blocks = run.Length / Block;
            var rest = (int)(run.Length % Block);
            var a = x;
            TLanes sum00 = TLanes.Zero, sum01 = TLanes.Zero;
            TLanes sum10 = TLanes.Zero, sum11 = TLanes.Zero;
            TLanes sum20 = TLanes.Zero, sum21 = TLanes.Zero;
            TLanes sum30 = TLanes.Zero, sum31 = TLanes.Zero;
            while (true)
            {
                for (; blocks > 0; blocks--)
                {
                    PrefetchStream(row + ahead);
                    var first = First(row);
                    var second = Second(row);
                    sum00 = TLanes.MultiplyAdd(first, TLanes.Load(a), sum00);
                    sum01 = TLanes.MultiplyAdd(second, TLanes.Load(a + TLanes.Count), sum01);
                    sum10 = TLanes.MultiplyAdd(first, TLanes.Load(a + pitch), sum10);
                    sum11 = TLanes.MultiplyAdd(second, TLanes.Load(a + pitch + TLanes.Count), sum11);
                    sum20 = TLanes.MultiplyAdd(first, TLanes.Load(a + 2 * pitch), sum20);
                    sum21 = TLanes.MultiplyAdd(second, TLanes.Load(a + 2 * pitch + TLanes.Count), sum21);
                    sum30 = TLanes.MultiplyAdd(first, TLanes.Load(a + 3 * pitch), sum30);
                    sum31 = TLanes.MultiplyAdd(second, TLanes.Load(a + 3 * pitch + TLanes.Count), sum31);
                    row += Block * TWeight.Size;
                    a += Block;
                }

                if (rest == 0) break;
                row = CopyTail(row, rest, tail);
                (ahead, blocks, rest) = (0, 1, 0);
            }

            (sum00 + sum01).Store(lanes);
            (sum10 + sum11).Store(lanes + TLanes.Count);
            (sum20 + sum21).Store(lanes + 2 * TLanes.Count);
            (sum30 + sum31).Store(lanes + 3 * TLanes.Count);
            lanes += 4 * TLanes.Count;
        }
    }

    /// <summary>The even elements of a block of 2-byte weights, or the first vector of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes First(byte* source) =>
        TWeight.Size == sizeof(float) ? TLanes.Load((float*)source) : TWeight.Lower(TLanes.Load((float*)source));

    /// <summary>The odd elements of a block of 2-byte weights, or the second vector of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Second(byte* source) =>
        TWeight.Size == sizeof(float) ? TLanes.Load((float*)source + TLanes.Count) : TWeight.Upper(TLanes.Load((float*)source));

    /// <summary>
    /// Asks for the cache lines of a block that is read soon and once: past L2, so that it does not push x out. Never faults.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchStream(byte* address)
    {
        if (!Sse.IsSupported) return;
        Sse.PrefetchNonTemporal(address);
        if (Block * TWeight.Size > 64) Sse.PrefetchNonTemporal(address + 64);
    }

    /// <summary>Asks for the cache lines of a block further ahead than L1 is large; never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchAhead(byte* address)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(address);
        if (Block * TWeight.Size > 64) Sse.Prefetch0(address + 64);
    }

    /// <summary>
    /// The last elements of a row, padded with zeros to a block, without reading behind the row. Loops instead of calls:
    /// a call would make the JIT keep the sums in memory all along.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* CopyTail(byte* source, int count, byte* block)
    {
        TLanes.Zero.Store((float*)block);
        TLanes.Zero.Store((float*)block + TLanes.Count);
        for (var i = 0; i < count * TWeight.Size; i++) block[i] = source[i];
        return block;
    }
}
