using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>
/// <c>mma.sync.m16n8k16</c> on 16-bit floats. Lane 4g+t holds of A (16×16) the rows g and g+8 at columns 2t, 2t+1 and
/// 2t+8, 2t+9; of B (16×8) column g at rows 2t, 2t+1, 2t+8, 2t+9; of C, D (16×8) rows g and g+8 at columns 2t, 2t+1.
/// Products are exact, their sum is kept in double precision and rounded once; the hardware's order and truncation are
/// its own, so compare with a bound, not bit by bit.
/// </summary>
/// <remarks>
/// Inside, the eight columns of a row stand as 0, 2, 4, 6, 1, 3, 5, 7: the even ones are one register of the four lanes
/// of a group, the odd ones the next register.
/// </remarks>
internal sealed unsafe class MatrixMultiplyFloat(Slot[] d, Slot[] a, Slot[] b, Slot[] c, bool isBrain, bool isHalfSum)
    : WholeWarpOp
{
    private const int M = 16;
    private const int N = 8;
    private const int K = 16;
    private const int Registers = 4;

    public override void Run(Warp warp, uint mask)
    {
        if (!IsWhole(warp, mask)) return;
        var left = stackalloc double[M * K];
        var right = stackalloc double[K * N];
        var sums = stackalloc double[M * N];
        for (var r = 0; r < Registers; r++) Widen(warp.R + a[r].Offset, left + (2 * Warp.Size * r));
        LoadRight(warp, right);
        LoadSums(warp, sums);
        for (var row = 0; row < N; row += 4)
        {
            MultiplyRows(left + (4 * row), right, sums + (row * N));
            MultiplyRows(left + (2 * Warp.Size) + (4 * row), right, sums + ((N + row) * N));
        }

        MatrixPoison.Spread(warp, a, b, c, d, isHalfSum);
        Store(warp, sums);
    }

    /// <summary>
    /// Four rows, whose group begins at <paramref name="left"/>: of register r the lane that holds column k of a row is
    /// k / 2 % 4 of its group, even columns first, odd ones a warp further on. Columns from 8 on are two registers on.
    /// </summary>
    private static void MultiplyRows(double* left, double* right, double* sums)
    {
        var (row0, row1) = (Vector512.Load(sums), Vector512.Load(sums + N));
        var (row2, row3) = (Vector512.Load(sums + (2 * N)), Vector512.Load(sums + (3 * N)));
        for (var k = 0; k < K; k++)
        {
            var x = left + ((k >> 3) * 4 * Warp.Size) + ((k & 1) * Warp.Size) + ((k & 7) >> 1);
            var y = Vector512.Load(right + (k * N));
            row0 = Vector512.FusedMultiplyAdd(Vector512.Create(x[0]), y, row0);
            row1 = Vector512.FusedMultiplyAdd(Vector512.Create(x[4]), y, row1);
            row2 = Vector512.FusedMultiplyAdd(Vector512.Create(x[8]), y, row2);
            row3 = Vector512.FusedMultiplyAdd(Vector512.Create(x[12]), y, row3);
        }

        row0.Store(sums);
        row1.Store(sums + N);
        row2.Store(sums + (2 * N));
        row3.Store(sums + (3 * N));
    }

    private static Vector512<double> Load(float* even, float* odd)
    {
        var (low, high) = Vector256.Widen(Vector256.Create(Vector128.Load(even), Vector128.Load(odd)));
        return Vector512.Create(low, high);
    }

    /// <summary>The low halves of 32 registers as doubles, then the high halves.</summary>
    private void Widen(uint* register, double* values)
    {
        var pairs = stackalloc float[2 * Warp.Size];
        Split(register, pairs);
        for (var i = 0; i < 2 * Warp.Size; i += N) Load(pairs + i, pairs + i + 4).Store(values + i);
    }

    /// <summary>Row k of B: its columns are the groups, even ones first.</summary>
    private void LoadRight(Warp warp, double* right)
    {
        var pairs = stackalloc float[2 * Warp.Size];
        for (var r = 0; r < 2; r++)
        {
            Split(warp.R + b[r].Offset, pairs);
            if (Avx512F.IsSupported)
            {
                Transpose(pairs, right + (N * r * N));
                Transpose(pairs + Warp.Size, right + (((N * r) + 1) * N));
                continue;
            }

            for (var k = 0; k < N; k++)
            {
                var x = pairs + ((k & 1) * Warp.Size) + (k >> 1);
                var low = Vector256.Create((double)x[0], x[8], x[16], x[24]);
                var high = Vector256.Create((double)x[4], x[12], x[20], x[28]);
                Vector512.Create(low, high).Store(right + (((N * r) + k) * N));
            }
        }
    }

    /// <summary>Every other row of B out of 32 lanes: lane t of each group belongs to the t-th of them.</summary>
    private static void Transpose(float* lanes, double* rows)
    {
        var (low, high) = (Vector512.Load(lanes), Vector512.Load(lanes + 16));
        var groups = Vector512.Create(0, 8, 16, 24, 4, 12, 20, 28, 1, 9, 17, 25, 5, 13, 21, 29);
        for (var t = 0; t < 4; t += 2)
        {
            var (first, second) = Vector512.Widen(
                Avx512F.PermuteVar16x32x2(low, groups + Vector512.Create(t), high));
            first.Store(rows + (2 * t * N));
            second.Store(rows + (2 * (t + 1) * N));
        }
    }

    /// <summary>The low halves of 32 registers as singles, then the high halves.</summary>
    private void Split(uint* register, float* pairs)
    {
        if (isBrain)
        {
            for (var lane = 0; lane < Warp.Size; lane += Vector256<uint>.Count)
            {
                var both = Vector256.Load(register + lane);
                (both << 16).AsSingle().Store(pairs + lane);
                (both & Vector256.Create(0xFFFF0000u)).AsSingle().Store(pairs + Warp.Size + lane);
            }

            return;
        }

        for (var lane = 0; lane < Warp.Size; lane++)
        {
            pairs[lane] = (float)BitConverter.UInt16BitsToHalf((ushort)register[lane]);
            pairs[Warp.Size + lane] = (float)BitConverter.UInt16BitsToHalf((ushort)(register[lane] >> 16));
        }
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

                Load((float*)(warp.R + c[2 * half].Offset) + (4 * group),
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

                var rounded = Vector256.Narrow(Vector256.Load(row), Vector256.Load(row + 4));
                rounded.GetLower().Store((float*)(warp.R + d[2 * half].Offset) + (4 * group));
                rounded.GetUpper().Store((float*)(warp.R + d[(2 * half) + 1].Offset) + (4 * group));
            }
        }
    }
}
