using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>
/// <c>mma.sync.m16n8k16</c> on 16-bit floats. Sums are rounded once, at the end; the hardware's order and truncation are
/// its own, so compare with a bound, not bit by bit.
/// </summary>
internal sealed unsafe class MatrixMultiplyFloat(Slot[] d, Slot[] a, Slot[] b, Slot[] c, bool isBrain, bool isHalfSum)
    : WholeWarpOp
{
    private const int M = FloatTile.M;
    private const int N = FloatTile.N;
    private const int K = FloatTile.K;
    private const int Registers = 4;

    public override void Run(Warp warp, uint mask)
    {
        if (!IsWhole(warp, mask)) return;
        var left = stackalloc double[M * K];
        var right = stackalloc double[K * N];
        var sums = stackalloc double[M * N];
        for (var r = 0; r < Registers; r++)
        {
            FloatTile.LoadLeft(warp.R + a[r].Offset, left + (2 * Warp.Size * r), isBrain);
        }

        for (var r = 0; r < 2; r++) FloatTile.LoadRight(warp.R + b[r].Offset, right + (N * r * N), isBrain);
        LoadSums(warp, sums);
        FloatTile.Multiply(left, right, sums);
        MatrixPoison.Spread(warp, a, b, c, d, isHalfSum);
        Store(warp, sums);
    }

    private void LoadSums(Warp warp, double* sums)
    {
        for (var half = 0; half < 2; half++)
        {
            for (var group = 0; group < N; group++)
            {
                var row = sums + (((N * half) + group) * N);
                if (isHalfSum)
                {
                    SplitHalves(warp.R + c[half].Offset + (4 * group), row);
                    continue;
                }

                FloatTile.Load((float*)(warp.R + c[2 * half].Offset) + (4 * group),
                    (float*)(warp.R + c[(2 * half) + 1].Offset) + (4 * group)).Store(row);
            }
        }
    }

    private static void SplitHalves(uint* lanes, double* row)
    {
        for (var t = 0; t < 4; t++)
        {
            row[t] = SixteenBit.ToSingle(lanes[t] & 0xFFFF, isBrain: false);
            row[4 + t] = SixteenBit.ToSingle(lanes[t] >> 16, isBrain: false);
        }
    }

    private void Store(Warp warp, double* sums)
    {
        for (var half = 0; half < 2; half++)
        {
            for (var group = 0; group < N; group++)
            {
                var row = sums + (((N * half) + group) * N);
                if (isHalfSum)
                {
                    for (var t = 0; t < 4; t++)
                    {
                        warp.R[d[half].Offset + (4 * group) + t] = SixteenBit.FromDouble(row[t], isBrain: false)
                            | (SixteenBit.FromDouble(row[4 + t], isBrain: false) << 16);
                    }

                    continue;
                }

                FloatTile.Store(row, (float*)(warp.R + d[2 * half].Offset) + (4 * group),
                    (float*)(warp.R + d[(2 * half) + 1].Offset) + (4 * group));
            }
        }
    }
}
