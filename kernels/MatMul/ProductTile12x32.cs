using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The 12 × 32 tile of <see cref="ProductTile{TLanes}"/> for 512-bit vectors. Written with plain vectors: with
/// <see cref="Lanes16"/> the JIT adds a register copy to every second multiply-add, and on a core whose front end is
/// shared with another thread those 12 of 57 instructions cost a quarter of the speed.
/// </summary>
internal static unsafe class ProductTile12x32
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint pitchA, float* b, nint pitchB, float* c, nint pitchC, nint k, bool accumulate)
    {
        Vector512<float> c00 = default, c01 = default;
        Vector512<float> c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default;
        Vector512<float> c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default;
        Vector512<float> c50 = default, c51 = default;
        Vector512<float> c60 = default, c61 = default;
        Vector512<float> c70 = default, c71 = default;
        Vector512<float> c80 = default, c81 = default;
        Vector512<float> c90 = default, c91 = default;
        Vector512<float> c100 = default, c101 = default;
        Vector512<float> c110 = default, c111 = default;
        if (accumulate)
        {
            c00 = Vector512.Load(c);
            c01 = Vector512.Load(c + 16);
            c10 = Vector512.Load(c + pitchC);
            c11 = Vector512.Load(c + pitchC + 16);
            c20 = Vector512.Load(c + 2 * pitchC);
            c21 = Vector512.Load(c + 2 * pitchC + 16);
            c30 = Vector512.Load(c + 3 * pitchC);
            c31 = Vector512.Load(c + 3 * pitchC + 16);
            c40 = Vector512.Load(c + 4 * pitchC);
            c41 = Vector512.Load(c + 4 * pitchC + 16);
            c50 = Vector512.Load(c + 5 * pitchC);
            c51 = Vector512.Load(c + 5 * pitchC + 16);
            c60 = Vector512.Load(c + 6 * pitchC);
            c61 = Vector512.Load(c + 6 * pitchC + 16);
            c70 = Vector512.Load(c + 7 * pitchC);
            c71 = Vector512.Load(c + 7 * pitchC + 16);
            c80 = Vector512.Load(c + 8 * pitchC);
            c81 = Vector512.Load(c + 8 * pitchC + 16);
            c90 = Vector512.Load(c + 9 * pitchC);
            c91 = Vector512.Load(c + 9 * pitchC + 16);
            c100 = Vector512.Load(c + 10 * pitchC);
            c101 = Vector512.Load(c + 10 * pitchC + 16);
            c110 = Vector512.Load(c + 11 * pitchC);
            c111 = Vector512.Load(c + 11 * pitchC + 16);
        }

        var a3 = a + 3 * pitchA;
        var a6 = a + 6 * pitchA;
        var a9 = a + 9 * pitchA;
        var pitchA2 = 2 * pitchA;
        for (; k > 0; k--)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var x0 = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x0, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x0, b1, c01);
            var x1 = Vector512.Create(a[pitchA]);
            c10 = Vector512.FusedMultiplyAdd(x1, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x1, b1, c11);
            var x2 = Vector512.Create(a[pitchA2]);
            c20 = Vector512.FusedMultiplyAdd(x2, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x2, b1, c21);
            var x3 = Vector512.Create(*a3);
            c30 = Vector512.FusedMultiplyAdd(x3, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x3, b1, c31);
            var x4 = Vector512.Create(a3[pitchA]);
            c40 = Vector512.FusedMultiplyAdd(x4, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x4, b1, c41);
            var x5 = Vector512.Create(a3[pitchA2]);
            c50 = Vector512.FusedMultiplyAdd(x5, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x5, b1, c51);
            var x6 = Vector512.Create(*a6);
            c60 = Vector512.FusedMultiplyAdd(x6, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x6, b1, c61);
            var x7 = Vector512.Create(a6[pitchA]);
            c70 = Vector512.FusedMultiplyAdd(x7, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x7, b1, c71);
            var x8 = Vector512.Create(a6[pitchA2]);
            c80 = Vector512.FusedMultiplyAdd(x8, b0, c80);
            c81 = Vector512.FusedMultiplyAdd(x8, b1, c81);
            var x9 = Vector512.Create(*a9);
            c90 = Vector512.FusedMultiplyAdd(x9, b0, c90);
            c91 = Vector512.FusedMultiplyAdd(x9, b1, c91);
            var x10 = Vector512.Create(a9[pitchA]);
            c100 = Vector512.FusedMultiplyAdd(x10, b0, c100);
            c101 = Vector512.FusedMultiplyAdd(x10, b1, c101);
            var x11 = Vector512.Create(a9[pitchA2]);
            c110 = Vector512.FusedMultiplyAdd(x11, b0, c110);
            c111 = Vector512.FusedMultiplyAdd(x11, b1, c111);
            a++;
            a3++;
            a6++;
            a9++;
            b += pitchB;
        }

        c00.Store(c);
        c01.Store(c + 16);
        c10.Store(c + pitchC);
        c11.Store(c + pitchC + 16);
        c20.Store(c + 2 * pitchC);
        c21.Store(c + 2 * pitchC + 16);
        c30.Store(c + 3 * pitchC);
        c31.Store(c + 3 * pitchC + 16);
        c40.Store(c + 4 * pitchC);
        c41.Store(c + 4 * pitchC + 16);
        c50.Store(c + 5 * pitchC);
        c51.Store(c + 5 * pitchC + 16);
        c60.Store(c + 6 * pitchC);
        c61.Store(c + 6 * pitchC + 16);
        c70.Store(c + 7 * pitchC);
        c71.Store(c + 7 * pitchC + 16);
        c80.Store(c + 8 * pitchC);
        c81.Store(c + 8 * pitchC + 16);
        c90.Store(c + 9 * pitchC);
        c91.Store(c + 9 * pitchC + 16);
        c100.Store(c + 10 * pitchC);
        c101.Store(c + 10 * pitchC + 16);
        c110.Store(c + 11 * pitchC);
        c111.Store(c + 11 * pitchC + 16);
    }
}
