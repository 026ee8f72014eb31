// Dot products of interleaved weight rows (RowGroups) with one, two or four f32 vectors, at memory speed.
//
// The stream of a group is read in order, vector by vector; a part of x is loaded once for all rows of the tile. As in
// RowProducts a 2-byte row is read in whole 32-bit words, the lower half of a word is the even element, the upper half the
// odd one, and x is arranged to match (RowProducts.Arrange). 16 vectors of sums stay in registers: 16 rows of one x, 8 of
// two, 4 of four. Lanes run along the row; their addition comes later. Rows are whole pieces, so nothing remains.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Products of a group's rows with arranged vectors. Each takes the next <c>vectors</c> vectors of every row, prefetches
/// <c>ahead</c> bytes further on, and stores vectors of partial sums, added to those it finds if it is to accumulate.
/// </summary>
internal static unsafe class GroupProducts<TLanes, TWeight>
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    /// <summary>Vectors in a piece of a row.</summary>
    public static int VectorsPerPiece
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowGroups.PieceBytes / (TLanes.Count * sizeof(float));
    }

    /// <summary>Elements of x that belong to one vector of a row.</summary>
    public static int XPerVector
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Count * sizeof(float) / TWeight.Size;
    }

    /// <summary>The 16 rows of a group times one vector: <paramref name="lanes"/>[16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SixteenRows(byte* group, nint vectors, nint ahead, float* x, float* lanes, bool accumulate)
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

        for (nint vector = 0; vector < vectors; vector++)
        {
            var source = group + Place(vector);
            var (even, odd) = (TLanes.Load(x), Odd(x));
            Prefetch(vector, source + ahead);
            sum0 = Add(source, even, odd, sum0);
            sum1 = Add(source + RowGroups.PieceBytes, even, odd, sum1);
            sum2 = Add(source + 2 * RowGroups.PieceBytes, even, odd, sum2);
            sum3 = Add(source + 3 * RowGroups.PieceBytes, even, odd, sum3);
            Prefetch(vector, source + ahead + 4 * RowGroups.PieceBytes);
            sum4 = Add(source + 4 * RowGroups.PieceBytes, even, odd, sum4);
            sum5 = Add(source + 5 * RowGroups.PieceBytes, even, odd, sum5);
            sum6 = Add(source + 6 * RowGroups.PieceBytes, even, odd, sum6);
            sum7 = Add(source + 7 * RowGroups.PieceBytes, even, odd, sum7);
            Prefetch(vector, source + ahead + 8 * RowGroups.PieceBytes);
            sum8 = Add(source + 8 * RowGroups.PieceBytes, even, odd, sum8);
            sum9 = Add(source + 9 * RowGroups.PieceBytes, even, odd, sum9);
            suma = Add(source + 10 * RowGroups.PieceBytes, even, odd, suma);
            sumb = Add(source + 11 * RowGroups.PieceBytes, even, odd, sumb);
            Prefetch(vector, source + ahead + 12 * RowGroups.PieceBytes);
            sumc = Add(source + 12 * RowGroups.PieceBytes, even, odd, sumc);
            sumd = Add(source + 13 * RowGroups.PieceBytes, even, odd, sumd);
            sume = Add(source + 14 * RowGroups.PieceBytes, even, odd, sume);
            sumf = Add(source + 15 * RowGroups.PieceBytes, even, odd, sumf);
            x += XPerVector;
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

    /// <summary>8 neighbouring rows of a group times two vectors <paramref name="pitch"/> apart: <paramref name="lanes"/>[2, 16], 8 of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EightRows(byte* rows, nint vectors, nint ahead, float* x, nint pitch, float* lanes, bool accumulate)
    {
        TLanes sum00 = TLanes.Zero, sum01 = TLanes.Zero;
        TLanes sum10 = TLanes.Zero, sum11 = TLanes.Zero;
        TLanes sum20 = TLanes.Zero, sum21 = TLanes.Zero;
        TLanes sum30 = TLanes.Zero, sum31 = TLanes.Zero;
        TLanes sum40 = TLanes.Zero, sum41 = TLanes.Zero;
        TLanes sum50 = TLanes.Zero, sum51 = TLanes.Zero;
        TLanes sum60 = TLanes.Zero, sum61 = TLanes.Zero;
        TLanes sum70 = TLanes.Zero, sum71 = TLanes.Zero;
        if (accumulate)
        {
            sum00 = TLanes.Load(lanes);
            sum10 = TLanes.Load(lanes + TLanes.Count);
            sum20 = TLanes.Load(lanes + 2 * TLanes.Count);
            sum30 = TLanes.Load(lanes + 3 * TLanes.Count);
            sum40 = TLanes.Load(lanes + 4 * TLanes.Count);
            sum50 = TLanes.Load(lanes + 5 * TLanes.Count);
            sum60 = TLanes.Load(lanes + 6 * TLanes.Count);
            sum70 = TLanes.Load(lanes + 7 * TLanes.Count);
            sum01 = TLanes.Load(lanes + 16 * TLanes.Count);
            sum11 = TLanes.Load(lanes + 17 * TLanes.Count);
            sum21 = TLanes.Load(lanes + 18 * TLanes.Count);
            sum31 = TLanes.Load(lanes + 19 * TLanes.Count);
            sum41 = TLanes.Load(lanes + 20 * TLanes.Count);
            sum51 = TLanes.Load(lanes + 21 * TLanes.Count);
            sum61 = TLanes.Load(lanes + 22 * TLanes.Count);
            sum71 = TLanes.Load(lanes + 23 * TLanes.Count);
        }

        for (nint vector = 0; vector < vectors; vector++)
        {
            var source = rows + Place(vector);
            var (even0, odd0) = (TLanes.Load(x), Odd(x));
            var (even1, odd1) = (TLanes.Load(x + pitch), Odd(x + pitch));
            Prefetch(vector, source + ahead);
            var (first, second) = Widen(source);
            sum00 = Add(first, second, even0, odd0, sum00);
            sum01 = Add(first, second, even1, odd1, sum01);
            (first, second) = Widen(source + RowGroups.PieceBytes);
            sum10 = Add(first, second, even0, odd0, sum10);
            sum11 = Add(first, second, even1, odd1, sum11);
            (first, second) = Widen(source + 2 * RowGroups.PieceBytes);
            sum20 = Add(first, second, even0, odd0, sum20);
            sum21 = Add(first, second, even1, odd1, sum21);
            (first, second) = Widen(source + 3 * RowGroups.PieceBytes);
            sum30 = Add(first, second, even0, odd0, sum30);
            sum31 = Add(first, second, even1, odd1, sum31);
            Prefetch(vector, source + ahead + 4 * RowGroups.PieceBytes);
            (first, second) = Widen(source + 4 * RowGroups.PieceBytes);
            sum40 = Add(first, second, even0, odd0, sum40);
            sum41 = Add(first, second, even1, odd1, sum41);
            (first, second) = Widen(source + 5 * RowGroups.PieceBytes);
            sum50 = Add(first, second, even0, odd0, sum50);
            sum51 = Add(first, second, even1, odd1, sum51);
            (first, second) = Widen(source + 6 * RowGroups.PieceBytes);
            sum60 = Add(first, second, even0, odd0, sum60);
            sum61 = Add(first, second, even1, odd1, sum61);
            (first, second) = Widen(source + 7 * RowGroups.PieceBytes);
            sum70 = Add(first, second, even0, odd0, sum70);
            sum71 = Add(first, second, even1, odd1, sum71);
            x += XPerVector;
        }

        sum00.Store(lanes);
        sum10.Store(lanes + TLanes.Count);
        sum20.Store(lanes + 2 * TLanes.Count);
        sum30.Store(lanes + 3 * TLanes.Count);
        sum40.Store(lanes + 4 * TLanes.Count);
        sum50.Store(lanes + 5 * TLanes.Count);
        sum60.Store(lanes + 6 * TLanes.Count);
        sum70.Store(lanes + 7 * TLanes.Count);
        sum01.Store(lanes + 16 * TLanes.Count);
        sum11.Store(lanes + 17 * TLanes.Count);
        sum21.Store(lanes + 18 * TLanes.Count);
        sum31.Store(lanes + 19 * TLanes.Count);
        sum41.Store(lanes + 20 * TLanes.Count);
        sum51.Store(lanes + 21 * TLanes.Count);
        sum61.Store(lanes + 22 * TLanes.Count);
        sum71.Store(lanes + 23 * TLanes.Count);
    }

    /// <summary>4 neighbouring rows of a group times four vectors <paramref name="pitch"/> apart: <paramref name="lanes"/>[4, 16], 4 of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRows(byte* rows, nint vectors, nint ahead, float* x, nint pitch, float* lanes, bool accumulate)
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

        for (nint vector = 0; vector < vectors; vector++)
        {
            var source = rows + Place(vector);
            var (even0, odd0) = (TLanes.Load(x), Odd(x));
            var (even1, odd1) = (TLanes.Load(x + pitch), Odd(x + pitch));
            var (even2, odd2) = (TLanes.Load(x + 2 * pitch), Odd(x + 2 * pitch));
            var (even3, odd3) = (TLanes.Load(x + 3 * pitch), Odd(x + 3 * pitch));
            Prefetch(vector, source + ahead);
            var (first, second) = Widen(source);
            sum00 = Add(first, second, even0, odd0, sum00);
            sum01 = Add(first, second, even1, odd1, sum01);
            sum02 = Add(first, second, even2, odd2, sum02);
            sum03 = Add(first, second, even3, odd3, sum03);
            (first, second) = Widen(source + RowGroups.PieceBytes);
            sum10 = Add(first, second, even0, odd0, sum10);
            sum11 = Add(first, second, even1, odd1, sum11);
            sum12 = Add(first, second, even2, odd2, sum12);
            sum13 = Add(first, second, even3, odd3, sum13);
            (first, second) = Widen(source + 2 * RowGroups.PieceBytes);
            sum20 = Add(first, second, even0, odd0, sum20);
            sum21 = Add(first, second, even1, odd1, sum21);
            sum22 = Add(first, second, even2, odd2, sum22);
            sum23 = Add(first, second, even3, odd3, sum23);
            (first, second) = Widen(source + 3 * RowGroups.PieceBytes);
            sum30 = Add(first, second, even0, odd0, sum30);
            sum31 = Add(first, second, even1, odd1, sum31);
            sum32 = Add(first, second, even2, odd2, sum32);
            sum33 = Add(first, second, even3, odd3, sum33);
            x += XPerVector;
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

    /// <summary>Bytes from the start of a row's first piece to a vector of that row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Place(nint vector) =>
        (nint)((nuint)vector / (nuint)VectorsPerPiece) * (RowGroups.Rows * RowGroups.PieceBytes)
        + (nint)((nuint)vector % (nuint)VectorsPerPiece) * (TLanes.Count * sizeof(float));

    /// <summary>The x of the odd elements; 4-byte weights have none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Odd(float* x) => TWeight.Size == sizeof(float) ? TLanes.Zero : TLanes.Load(x + TLanes.Count);

    /// <summary>The even and the odd elements of a vector of 2-byte weights; all of 4-byte weights are in the first.</summary>
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
    /// Asks once a piece for the cache lines of four rows that are read soon and once: past L2, so that they do not push x
    /// out. Never faults.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(nint vector, byte* address)
    {
        if (!Sse.IsSupported || (nuint)vector % (nuint)VectorsPerPiece != 0) return;
        Sse.PrefetchNonTemporal(address);
        Sse.PrefetchNonTemporal(address + RowGroups.PieceBytes);
        Sse.PrefetchNonTemporal(address + 2 * RowGroups.PieceBytes);
        Sse.PrefetchNonTemporal(address + 3 * RowGroups.PieceBytes);
    }
}
