using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>
/// The product of a 16×16 and a 16×8 tile of 16-bit floats, out of registers as <c>mma.sync.m16n8k16</c> has them. Lane
/// 4g+t holds of A the rows g and g+8 at columns 2t, 2t+1 and 2t+8, 2t+9; of B column g at rows 2t, 2t+1, 2t+8, 2t+9; of
/// the sums rows g and g+8 at columns 2t, 2t+1. Products are exact, their sum is kept in double precision.
/// </summary>
/// <remarks>
/// Inside, the eight columns of a row stand as 0, 2, 4, 6, 1, 3, 5, 7: the even ones are one register of the four lanes
/// of a group, the odd ones the next register.
/// </remarks>
internal static unsafe class FloatTile
{
    public const int M = 16;
    public const int N = 8;
    public const int K = 16;

    /// <summary>Adds left · right to the sums, row by row.</summary>
    public static void Multiply(double* left, double* right, double* sums)
    {
        for (var row = 0; row < N; row += 4)
        {
            MultiplyRows(left + (4 * row), right, sums + (row * N));
            MultiplyRows(left + (2 * Warp.Size) + (4 * row), right, sums + ((N + row) * N));
        }
    }

    /// <summary>One register of A: the low halves of 32 lanes as doubles, then the high halves.</summary>
    public static void LoadLeft(uint* register, double* values, bool isBrain)
    {
        var pairs = stackalloc float[2 * Warp.Size];
        Split(register, pairs, isBrain);
        for (var i = 0; i < 2 * Warp.Size; i += N) Load(pairs + i, pairs + i + 4).Store(values + i);
    }

    /// <summary>One register of B, eight rows of it: the columns of a row are the groups, even ones first.</summary>
    public static void LoadRight(uint* register, double* rows, bool isBrain)
    {
        var pairs = stackalloc float[2 * Warp.Size];
        Split(register, pairs, isBrain);
        if (Avx512F.IsSupported)
        {
            Transpose(pairs, rows);
            Transpose(pairs + Warp.Size, rows + N);
            return;
        }

        for (var k = 0; k < N; k++)
        {
            var x = pairs + ((k & 1) * Warp.Size) + (k >> 1);
            var low = Vector256.Create((double)x[0], x[8], x[16], x[24]);
            var high = Vector256.Create((double)x[4], x[12], x[20], x[28]);
            Vector512.Create(low, high).Store(rows + (k * N));
        }
    }

    /// <summary>Eight rows of B that lie as eight columns in a row each, row after row.</summary>
    public static void LoadRightRows(uint* words, double* rows, bool isBrain)
    {
        var pairs = stackalloc float[2 * Warp.Size];
        Split(words, pairs, isBrain);
        for (var k = 0; k < N; k++) Load(pairs + (4 * k), pairs + Warp.Size + (4 * k)).Store(rows + (k * N));
    }

    /// <summary>Four lanes of an even and of an odd column, as a row of sums.</summary>
    public static Vector512<double> Load(float* even, float* odd)
    {
        var (low, high) = Vector256.Widen(Vector256.Create(Vector128.Load(even), Vector128.Load(odd)));
        return Vector512.Create(low, high);
    }

    /// <summary>Rounds a row of sums to single precision, once.</summary>
    public static void Store(double* row, float* even, float* odd)
    {
        var rounded = Vector256.Narrow(Vector256.Load(row), Vector256.Load(row + 4));
        rounded.GetLower().Store(even);
        rounded.GetUpper().Store(odd);
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

    /// <summary>The low halves of 32 words as singles, then the high halves.</summary>
    private static void Split(uint* words, float* pairs, bool isBrain)
    {
        if (isBrain)
        {
            for (var lane = 0; lane < Warp.Size; lane += Vector256<uint>.Count)
            {
                var both = Vector256.Load(words + lane);
                (both << 16).AsSingle().Store(pairs + lane);
                (both & Vector256.Create(0xFFFF0000u)).AsSingle().Store(pairs + Warp.Size + lane);
            }

            return;
        }

        for (var lane = 0; lane < Warp.Size; lane++)
        {
            pairs[lane] = (float)BitConverter.UInt16BitsToHalf((ushort)words[lane]);
            pairs[Warp.Size + lane] = (float)BitConverter.UInt16BitsToHalf((ushort)(words[lane] >> 16));
        }
    }
}
