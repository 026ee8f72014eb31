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
                ProductTile12x32.Multiply(a, pitchA, b, pitchB, c, pitchC, k, accumulate);
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
