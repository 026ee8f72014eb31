// Dot products of interleaved weight rows (RowGroups) with one or four f32 vectors, at memory speed.
//
// For 512-bit vectors, which are as long as a piece, and whose 32 registers hold 16 sums beside the rest. The stream of
// a group is read in order, piece by piece; a part of x is loaded once for all rows of the tile. As in RowProducts a
// 2-byte row is read in whole 32-bit words, the lower half of a word is the even element, the upper half the odd one,
// and x is arranged to match (RowProducts.Arrange). 16 vectors of sums stay in registers: 16 rows of one x, 4 rows of
// four. Lanes run along the row; their addition comes later. Rows are whole pieces, so nothing remains.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Products of a group's rows with arranged vectors. Each takes the next <c>pieces</c> pieces of every row, prefetches
/// <c>ahead</c> bytes further on, and stores vectors of partial sums, added to those it finds if it is to accumulate.
/// </summary>
internal static unsafe class GroupProducts<TLanes, TWeight>
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    /// <summary>Elements of a piece.</summary>
    public static int PieceLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowGroups.PieceBytes / TWeight.Size;
    }

    /// <summary>The 16 rows of a group times one vector: <paramref name="lanes"/>[16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SixteenRows(byte* group, nint pieces, nint ahead, float* x, float* lanes, bool accumulate)
    {
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        TLanes sum4 = TLanes.Zero, sum5 = TLanes.Zero, sum6 = TLanes.Zero, sum7 = TLanes.Zero;
        TLanes sum8 = TLanes.Zero, sum9 = TLanes.Zero, suma = TLanes.Zero, sumb = TLanes.Zero;
        TLanes sumc = TLanes.Zero, sumd = TLanes.Zero, sume = TLanes.Zero, sumf = TLanes.Zero;
        if (accumulate)
        {
            sum0 = TLanes.Load(lanes);
            sum1 = TLanes.Load(lanes + TLanes.Count);
            sum2 = TLanes.Load(lanes + 2 * TLanes.Count);
            sum3 = TLanes.Load(lanes + 3 * TLanes.Count);
            sum4 = TLanes.Load(lanes + 4 * TLanes.Count);
            sum5 = TLanes.Load(lanes + 5 * TLanes.Count);
            sum6 = TLanes.Load(lanes + 6 * TLanes.Count);
            sum7 = TLanes.Load(lanes + 7 * TLanes.Count);
            sum8 = TLanes.Load(lanes + 8 * TLanes.Count);
            sum9 = TLanes.Load(lanes + 9 * TLanes.Count);
            suma = TLanes.Load(lanes + 10 * TLanes.Count);
            sumb = TLanes.Load(lanes + 11 * TLanes.Count);
            sumc = TLanes.Load(lanes + 12 * TLanes.Count);
            sumd = TLanes.Load(lanes + 13 * TLanes.Count);
            sume = TLanes.Load(lanes + 14 * TLanes.Count);
            sumf = TLanes.Load(lanes + 15 * TLanes.Count);
        }

        for (; pieces > 0; pieces--)
        {
            var (even, odd) = (TLanes.Load(x), Odd(x));
            Prefetch(group + ahead);
            Prefetch(group + ahead + 4 * RowGroups.PieceBytes);
            sum0 = Add(group, even, odd, sum0);
            sum1 = Add(group + RowGroups.PieceBytes, even, odd, sum1);
            sum2 = Add(group + 2 * RowGroups.PieceBytes, even, odd, sum2);
            sum3 = Add(group + 3 * RowGroups.PieceBytes, even, odd, sum3);
            sum4 = Add(group + 4 * RowGroups.PieceBytes, even, odd, sum4);
            sum5 = Add(group + 5 * RowGroups.PieceBytes, even, odd, sum5);
            sum6 = Add(group + 6 * RowGroups.PieceBytes, even, odd, sum6);
            sum7 = Add(group + 7 * RowGroups.PieceBytes, even, odd, sum7);
            Prefetch(group + ahead + 8 * RowGroups.PieceBytes);
            Prefetch(group + ahead + 12 * RowGroups.PieceBytes);
            sum8 = Add(group + 8 * RowGroups.PieceBytes, even, odd, sum8);
            sum9 = Add(group + 9 * RowGroups.PieceBytes, even, odd, sum9);
            suma = Add(group + 10 * RowGroups.PieceBytes, even, odd, suma);
            sumb = Add(group + 11 * RowGroups.PieceBytes, even, odd, sumb);
            sumc = Add(group + 12 * RowGroups.PieceBytes, even, odd, sumc);
            sumd = Add(group + 13 * RowGroups.PieceBytes, even, odd, sumd);
            sume = Add(group + 14 * RowGroups.PieceBytes, even, odd, sume);
            sumf = Add(group + 15 * RowGroups.PieceBytes, even, odd, sumf);
            group += RowGroups.Rows * RowGroups.PieceBytes;
            x += PieceLength;
        }

        sum0.Store(lanes);
        sum1.Store(lanes + TLanes.Count);
        sum2.Store(lanes + 2 * TLanes.Count);
        sum3.Store(lanes + 3 * TLanes.Count);
        sum4.Store(lanes + 4 * TLanes.Count);
        sum5.Store(lanes + 5 * TLanes.Count);
        sum6.Store(lanes + 6 * TLanes.Count);
        sum7.Store(lanes + 7 * TLanes.Count);
        sum8.Store(lanes + 8 * TLanes.Count);
        sum9.Store(lanes + 9 * TLanes.Count);
        suma.Store(lanes + 10 * TLanes.Count);
        sumb.Store(lanes + 11 * TLanes.Count);
        sumc.Store(lanes + 12 * TLanes.Count);
        sumd.Store(lanes + 13 * TLanes.Count);
        sume.Store(lanes + 14 * TLanes.Count);
        sumf.Store(lanes + 15 * TLanes.Count);
    }

    /// <summary>
    /// 4 neighbouring rows of a group times four vectors <paramref name="pitch"/> apart:
    /// <paramref name="lanes"/>[4, 16], 4 of each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRows(byte* rows, nint pieces, nint ahead, float* x, nint pitch, float* lanes, bool accumulate)
    {
        TLanes sum00 = TLanes.Zero, sum01 = TLanes.Zero, sum02 = TLanes.Zero, sum03 = TLanes.Zero;
        TLanes sum10 = TLanes.Zero, sum11 = TLanes.Zero, sum12 = TLanes.Zero, sum13 = TLanes.Zero;
        TLanes sum20 = TLanes.Zero, sum21 = TLanes.Zero, sum22 = TLanes.Zero, sum23 = TLanes.Zero;
        TLanes sum30 = TLanes.Zero, sum31 = TLanes.Zero, sum32 = TLanes.Zero, sum33 = TLanes.Zero;
        if (accumulate)
        {
            sum00 = TLanes.Load(lanes);
            sum10 = TLanes.Load(lanes + TLanes.Count);
            sum20 = TLanes.Load(lanes + 2 * TLanes.Count);
            sum30 = TLanes.Load(lanes + 3 * TLanes.Count);
            sum01 = TLanes.Load(lanes + 16 * TLanes.Count);
            sum11 = TLanes.Load(lanes + 17 * TLanes.Count);
            sum21 = TLanes.Load(lanes + 18 * TLanes.Count);
            sum31 = TLanes.Load(lanes + 19 * TLanes.Count);
            sum02 = TLanes.Load(lanes + 32 * TLanes.Count);
            sum12 = TLanes.Load(lanes + 33 * TLanes.Count);
            sum22 = TLanes.Load(lanes + 34 * TLanes.Count);
            sum32 = TLanes.Load(lanes + 35 * TLanes.Count);
            sum03 = TLanes.Load(lanes + 48 * TLanes.Count);
            sum13 = TLanes.Load(lanes + 49 * TLanes.Count);
            sum23 = TLanes.Load(lanes + 50 * TLanes.Count);
            sum33 = TLanes.Load(lanes + 51 * TLanes.Count);
        }

        for (; pieces > 0; pieces--)
        {
            var (even0, odd0) = (TLanes.Load(x), Odd(x));
            var (even1, odd1) = (TLanes.Load(x + pitch), Odd(x + pitch));
            var (even2, odd2) = (TLanes.Load(x + 2 * pitch), Odd(x + 2 * pitch));
            var (even3, odd3) = (TLanes.Load(x + 3 * pitch), Odd(x + 3 * pitch));
            Prefetch(rows + ahead);
            var (first, second) = Widen(rows);
            sum00 = Add(first, second, even0, odd0, sum00);
            sum01 = Add(first, second, even1, odd1, sum01);
            sum02 = Add(first, second, even2, odd2, sum02);
            sum03 = Add(first, second, even3, odd3, sum03);
            (first, second) = Widen(rows + RowGroups.PieceBytes);
            sum10 = Add(first, second, even0, odd0, sum10);
            sum11 = Add(first, second, even1, odd1, sum11);
            sum12 = Add(first, second, even2, odd2, sum12);
            sum13 = Add(first, second, even3, odd3, sum13);
            (first, second) = Widen(rows + 2 * RowGroups.PieceBytes);
            sum20 = Add(first, second, even0, odd0, sum20);
            sum21 = Add(first, second, even1, odd1, sum21);
            sum22 = Add(first, second, even2, odd2, sum22);
            sum23 = Add(first, second, even3, odd3, sum23);
            (first, second) = Widen(rows + 3 * RowGroups.PieceBytes);
            sum30 = Add(first, second, even0, odd0, sum30);
            sum31 = Add(first, second, even1, odd1, sum31);
            sum32 = Add(first, second, even2, odd2, sum32);
            sum33 = Add(first, second, even3, odd3, sum33);
            rows += RowGroups.Rows * RowGroups.PieceBytes;
            x += PieceLength;
        }

        sum00.Store(lanes);
        sum10.Store(lanes + TLanes.Count);
        sum20.Store(lanes + 2 * TLanes.Count);
        sum30.Store(lanes + 3 * TLanes.Count);
        sum01.Store(lanes + 16 * TLanes.Count);
        sum11.Store(lanes + 17 * TLanes.Count);
        sum21.Store(lanes + 18 * TLanes.Count);
        sum31.Store(lanes + 19 * TLanes.Count);
        sum02.Store(lanes + 32 * TLanes.Count);
        sum12.Store(lanes + 33 * TLanes.Count);
        sum22.Store(lanes + 34 * TLanes.Count);
        sum32.Store(lanes + 35 * TLanes.Count);
        sum03.Store(lanes + 48 * TLanes.Count);
        sum13.Store(lanes + 49 * TLanes.Count);
        sum23.Store(lanes + 50 * TLanes.Count);
        sum33.Store(lanes + 51 * TLanes.Count);
    }

    /// <summary>The x of the odd elements; 4-byte weights have none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Odd(float* x) => TWeight.Size == sizeof(float) ? TLanes.Zero : TLanes.Load(x + TLanes.Count);

    /// <summary>The even and the odd elements of 2-byte weights; the first has all of 4-byte weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes First, TLanes Second) Widen(byte* source)
    {
        var words = TLanes.Load((float*)source);
        return TWeight.Size == sizeof(float) ? (words, TLanes.Zero) : (TWeight.Lower(words), TWeight.Upper(words));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Add(TLanes first, TLanes second, TLanes even, TLanes odd, TLanes sum)
    {
        sum = TLanes.MultiplyAdd(first, even, sum);
        return TWeight.Size == sizeof(float) ? sum : TLanes.MultiplyAdd(second, odd, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Add(byte* source, TLanes even, TLanes odd, TLanes sum)
    {
        var (first, second) = Widen(source);
        return Add(first, second, even, odd, sum);
    }

    /// <summary>
    /// Asks for the cache lines of four rows that are read soon and once: past L2, so that they do not push x
    /// out. Never faults.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* address)
    {
        if (!Sse.IsSupported) return;
        Sse.PrefetchNonTemporal(address);
        Sse.PrefetchNonTemporal(address + RowGroups.PieceBytes);
        Sse.PrefetchNonTemporal(address + 2 * RowGroups.PieceBytes);
        Sse.PrefetchNonTemporal(address + 3 * RowGroups.PieceBytes);
    }
}
