// The inner product tile that matrix products and attention share: c[rows, W] (+)= a[rows, k] · b[k, W], W two vectors.
//
// a is read in place, one broadcast per element, its rows pitchA apart; b is a panel, W floats per k step, pitchB apart;
// c has rows pitchC apart. 12 rows with 512-bit vectors keep 24 accumulators, 2 panel vectors and 1 broadcast in
// the 32 registers; 256-bit has 16 registers and uses 6 rows. A step of k costs 24 multiply-adds for 14 loads. Sums run
// over k in order, one rounding each.

using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Tile products of up to <see cref="MaxRows"/> × <see cref="Width"/>.</summary>
internal static unsafe class ProductTile<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Columns of a tile and floats per panel step: two vectors.</summary>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Count;
    }

    /// <summary>Rows of the largest tile; as many as the registers of this vector width carry.</summary>
    public static int MaxRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Count == 16 ? 12 : 6;
    }

    /// <summary>c[rows, W] (+)= a[rows, k] · b[k, W] for any number of rows, cut into tiles.</summary>
    public static void Multiply(
        float* a, nint pitchA, float* b, nint pitchB, float* c, nint pitchC, int rows, nint k, bool accumulate)
    {
        while (rows > 0)
        {
            int done;
            if (TLanes.Count == 16 && rows >= 12)
            {
                Rows12(a, pitchA, b, pitchB, c, pitchC, k, accumulate);
                done = 12;
            }
            else if (rows >= 6)
            {
                Rows6(a, pitchA, b, pitchB, c, pitchC, k, accumulate);
                done = 6;
            }
            else if (rows >= 4)
            {
                Rows4(a, pitchA, b, pitchB, c, pitchC, k, accumulate);
                done = 4;
            }
            else if (rows >= 2)
            {
                Rows2(a, pitchA, b, pitchB, c, pitchC, k, accumulate);
                done = 2;
            }
            else
            {
                Rows1(a, b, pitchB, c, k, accumulate);
                done = 1;
            }

            rows -= done;
            a += done * pitchA;
            c += done * pitchC;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12(float* a, nint pitchA, float* b, nint pitchB, float* c, nint pitchC, nint k, bool accumulate)
    {
        TLanes c00 = default, c01 = default;
        TLanes c10 = default, c11 = default;
        TLanes c20 = default, c21 = default;
        TLanes c30 = default, c31 = default;
        TLanes c40 = default, c41 = default;
        TLanes c50 = default, c51 = default;
        TLanes c60 = default, c61 = default;
        TLanes c70 = default, c71 = default;
        TLanes c80 = default, c81 = default;
        TLanes c90 = default, c91 = default;
        TLanes c100 = default, c101 = default;
        TLanes c110 = default, c111 = default;
        if (accumulate)
        {
            c00 = TLanes.Load(c);
            c01 = TLanes.Load(c + TLanes.Count);
            c10 = TLanes.Load(c + pitchC);
            c11 = TLanes.Load(c + pitchC + TLanes.Count);
            c20 = TLanes.Load(c + 2 * pitchC);
            c21 = TLanes.Load(c + 2 * pitchC + TLanes.Count);
            c30 = TLanes.Load(c + 3 * pitchC);
            c31 = TLanes.Load(c + 3 * pitchC + TLanes.Count);
            c40 = TLanes.Load(c + 4 * pitchC);
            c41 = TLanes.Load(c + 4 * pitchC + TLanes.Count);
            c50 = TLanes.Load(c + 5 * pitchC);
            c51 = TLanes.Load(c + 5 * pitchC + TLanes.Count);
            c60 = TLanes.Load(c + 6 * pitchC);
            c61 = TLanes.Load(c + 6 * pitchC + TLanes.Count);
            c70 = TLanes.Load(c + 7 * pitchC);
            c71 = TLanes.Load(c + 7 * pitchC + TLanes.Count);
            c80 = TLanes.Load(c + 8 * pitchC);
            c81 = TLanes.Load(c + 8 * pitchC + TLanes.Count);
            c90 = TLanes.Load(c + 9 * pitchC);
            c91 = TLanes.Load(c + 9 * pitchC + TLanes.Count);
            c100 = TLanes.Load(c + 10 * pitchC);
            c101 = TLanes.Load(c + 10 * pitchC + TLanes.Count);
            c110 = TLanes.Load(c + 11 * pitchC);
            c111 = TLanes.Load(c + 11 * pitchC + TLanes.Count);
        }

        var a3 = a + 3 * pitchA;
        var a6 = a + 6 * pitchA;
        var a9 = a + 9 * pitchA;
        var pitchA2 = 2 * pitchA;
        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var x0 = TLanes.All(*a);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            var x1 = TLanes.All(a[pitchA]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            var x2 = TLanes.All(a[pitchA2]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            c21 = TLanes.MultiplyAdd(x2, b1, c21);
            var x3 = TLanes.All(*a3);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
            c31 = TLanes.MultiplyAdd(x3, b1, c31);
            var x4 = TLanes.All(a3[pitchA]);
            c40 = TLanes.MultiplyAdd(x4, b0, c40);
            c41 = TLanes.MultiplyAdd(x4, b1, c41);
            var x5 = TLanes.All(a3[pitchA2]);
            c50 = TLanes.MultiplyAdd(x5, b0, c50);
            c51 = TLanes.MultiplyAdd(x5, b1, c51);
            var x6 = TLanes.All(*a6);
            c60 = TLanes.MultiplyAdd(x6, b0, c60);
            c61 = TLanes.MultiplyAdd(x6, b1, c61);
            var x7 = TLanes.All(a6[pitchA]);
            c70 = TLanes.MultiplyAdd(x7, b0, c70);
            c71 = TLanes.MultiplyAdd(x7, b1, c71);
            var x8 = TLanes.All(a6[pitchA2]);
            c80 = TLanes.MultiplyAdd(x8, b0, c80);
            c81 = TLanes.MultiplyAdd(x8, b1, c81);
            var x9 = TLanes.All(*a9);
            c90 = TLanes.MultiplyAdd(x9, b0, c90);
            c91 = TLanes.MultiplyAdd(x9, b1, c91);
            var x10 = TLanes.All(a9[pitchA]);
            c100 = TLanes.MultiplyAdd(x10, b0, c100);
            c101 = TLanes.MultiplyAdd(x10, b1, c101);
            var x11 = TLanes.All(a9[pitchA2]);
            c110 = TLanes.MultiplyAdd(x11, b0, c110);
            c111 = TLanes.MultiplyAdd(x11, b1, c111);
            a++;
            a3++;
            a6++;
            a9++;
            b += pitchB;
        }

        c00.Store(c);
        c01.Store(c + TLanes.Count);
        c10.Store(c + pitchC);
        c11.Store(c + pitchC + TLanes.Count);
        c20.Store(c + 2 * pitchC);
        c21.Store(c + 2 * pitchC + TLanes.Count);
        c30.Store(c + 3 * pitchC);
        c31.Store(c + 3 * pitchC + TLanes.Count);
        c40.Store(c + 4 * pitchC);
        c41.Store(c + 4 * pitchC + TLanes.Count);
        c50.Store(c + 5 * pitchC);
        c51.Store(c + 5 * pitchC + TLanes.Count);
        c60.Store(c + 6 * pitchC);
        c61.Store(c + 6 * pitchC + TLanes.Count);
        c70.Store(c + 7 * pitchC);
        c71.Store(c + 7 * pitchC + TLanes.Count);
        c80.Store(c + 8 * pitchC);
        c81.Store(c + 8 * pitchC + TLanes.Count);
        c90.Store(c + 9 * pitchC);
        c91.Store(c + 9 * pitchC + TLanes.Count);
        c100.Store(c + 10 * pitchC);
        c101.Store(c + 10 * pitchC + TLanes.Count);
        c110.Store(c + 11 * pitchC);
        c111.Store(c + 11 * pitchC + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6(float* a, nint pitchA, float* b, nint pitchB, float* c, nint pitchC, nint k, bool accumulate)
    {
        TLanes c00 = default, c01 = default;
        TLanes c10 = default, c11 = default;
        TLanes c20 = default, c21 = default;
        TLanes c30 = default, c31 = default;
        TLanes c40 = default, c41 = default;
        TLanes c50 = default, c51 = default;
        if (accumulate)
        {
            c00 = TLanes.Load(c);
            c01 = TLanes.Load(c + TLanes.Count);
            c10 = TLanes.Load(c + pitchC);
            c11 = TLanes.Load(c + pitchC + TLanes.Count);
            c20 = TLanes.Load(c + 2 * pitchC);
            c21 = TLanes.Load(c + 2 * pitchC + TLanes.Count);
            c30 = TLanes.Load(c + 3 * pitchC);
            c31 = TLanes.Load(c + 3 * pitchC + TLanes.Count);
            c40 = TLanes.Load(c + 4 * pitchC);
            c41 = TLanes.Load(c + 4 * pitchC + TLanes.Count);
            c50 = TLanes.Load(c + 5 * pitchC);
            c51 = TLanes.Load(c + 5 * pitchC + TLanes.Count);
        }

        var a3 = a + 3 * pitchA;
        var pitchA2 = 2 * pitchA;
        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var x0 = TLanes.All(*a);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            var x1 = TLanes.All(a[pitchA]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            var x2 = TLanes.All(a[pitchA2]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            c21 = TLanes.MultiplyAdd(x2, b1, c21);
            var x3 = TLanes.All(*a3);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
            c31 = TLanes.MultiplyAdd(x3, b1, c31);
            var x4 = TLanes.All(a3[pitchA]);
            c40 = TLanes.MultiplyAdd(x4, b0, c40);
            c41 = TLanes.MultiplyAdd(x4, b1, c41);
            var x5 = TLanes.All(a3[pitchA2]);
            c50 = TLanes.MultiplyAdd(x5, b0, c50);
            c51 = TLanes.MultiplyAdd(x5, b1, c51);
            a++;
            a3++;
            b += pitchB;
        }

        c00.Store(c);
        c01.Store(c + TLanes.Count);
        c10.Store(c + pitchC);
        c11.Store(c + pitchC + TLanes.Count);
        c20.Store(c + 2 * pitchC);
        c21.Store(c + 2 * pitchC + TLanes.Count);
        c30.Store(c + 3 * pitchC);
        c31.Store(c + 3 * pitchC + TLanes.Count);
        c40.Store(c + 4 * pitchC);
        c41.Store(c + 4 * pitchC + TLanes.Count);
        c50.Store(c + 5 * pitchC);
        c51.Store(c + 5 * pitchC + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(float* a, nint pitchA, float* b, nint pitchB, float* c, nint pitchC, nint k, bool accumulate)
    {
        TLanes c00 = default, c01 = default;
        TLanes c10 = default, c11 = default;
        TLanes c20 = default, c21 = default;
        TLanes c30 = default, c31 = default;
        if (accumulate)
        {
            c00 = TLanes.Load(c);
            c01 = TLanes.Load(c + TLanes.Count);
            c10 = TLanes.Load(c + pitchC);
            c11 = TLanes.Load(c + pitchC + TLanes.Count);
            c20 = TLanes.Load(c + 2 * pitchC);
            c21 = TLanes.Load(c + 2 * pitchC + TLanes.Count);
            c30 = TLanes.Load(c + 3 * pitchC);
            c31 = TLanes.Load(c + 3 * pitchC + TLanes.Count);
        }

        var a3 = a + 3 * pitchA;
        var pitchA2 = 2 * pitchA;
        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var x0 = TLanes.All(*a);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            var x1 = TLanes.All(a[pitchA]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            var x2 = TLanes.All(a[pitchA2]);
            c20 = TLanes.MultiplyAdd(x2, b0, c20);
            c21 = TLanes.MultiplyAdd(x2, b1, c21);
            var x3 = TLanes.All(*a3);
            c30 = TLanes.MultiplyAdd(x3, b0, c30);
            c31 = TLanes.MultiplyAdd(x3, b1, c31);
            a++;
            a3++;
            b += pitchB;
        }

        c00.Store(c);
        c01.Store(c + TLanes.Count);
        c10.Store(c + pitchC);
        c11.Store(c + pitchC + TLanes.Count);
        c20.Store(c + 2 * pitchC);
        c21.Store(c + 2 * pitchC + TLanes.Count);
        c30.Store(c + 3 * pitchC);
        c31.Store(c + 3 * pitchC + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2(float* a, nint pitchA, float* b, nint pitchB, float* c, nint pitchC, nint k, bool accumulate)
    {
        TLanes c00 = default, c01 = default;
        TLanes c10 = default, c11 = default;
        if (accumulate)
        {
            c00 = TLanes.Load(c);
            c01 = TLanes.Load(c + TLanes.Count);
            c10 = TLanes.Load(c + pitchC);
            c11 = TLanes.Load(c + pitchC + TLanes.Count);
        }

        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var x0 = TLanes.All(*a);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            var x1 = TLanes.All(a[pitchA]);
            c10 = TLanes.MultiplyAdd(x1, b0, c10);
            c11 = TLanes.MultiplyAdd(x1, b1, c11);
            a++;
            b += pitchB;
        }

        c00.Store(c);
        c01.Store(c + TLanes.Count);
        c10.Store(c + pitchC);
        c11.Store(c + pitchC + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1(float* a, float* b, nint pitchB, float* c, nint k, bool accumulate)
    {
        TLanes c00 = default, c01 = default;
        if (accumulate)
        {
            c00 = TLanes.Load(c);
            c01 = TLanes.Load(c + TLanes.Count);
        }

        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var x0 = TLanes.All(*a);
            c00 = TLanes.MultiplyAdd(x0, b0, c00);
            c01 = TLanes.MultiplyAdd(x0, b1, c01);
            a++;
            b += pitchB;
        }

        c00.Store(c);
        c01.Store(c + TLanes.Count);
    }
}
