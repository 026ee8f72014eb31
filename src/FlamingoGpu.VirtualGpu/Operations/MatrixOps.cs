using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>An instruction that all 32 threads must execute together.</summary>
internal abstract class WholeWarpOp : Op
{
    protected bool IsWhole(Warp warp, uint mask)
    {
        if (mask == Warp.Full) return true;
        warp.Report(FindingKind.PartialWarp, this, BitOperations.TrailingZeroCount(~mask), 0,
            $"all 32 threads must execute this together; here are 0x{mask:x8}.");
        return false;
    }
}

/// <summary>
/// <c>mma.sync.m16n8k32</c> on bytes. Lane 4g+t holds of A the rows g and g+8 at columns 4t…4t+3 and 16 further on; of
/// B column g at rows 4t…4t+3 and 16 further on; C and D as for the float form. Sums wrap, or saturate with
/// <c>.satfinite</c>.
/// </summary>
internal sealed unsafe class MatrixMultiplyBytes(
    Slot[] d, Slot[] a, Slot[] b, Slot[] c, bool isSignedA, bool isSignedB, bool saturates)
    : WholeWarpOp
{
    private const int M = 16;
    private const int N = 8;
    private const int K = 32;

    public override void Run(Warp warp, uint mask)
    {
        if (!IsWhole(warp, mask)) return;
        var left = stackalloc int[M * K];
        var right = stackalloc int[K * N];
        for (var lane = 0; lane < Warp.Size; lane++)
        {
            int group = lane >> 2, thread = lane & 3;
            for (var i = 0; i < 4; i++)
            {
                for (var r = 0; r < 4; r++)
                {
                    left[((group + (8 * (r & 1))) * K) + (4 * thread) + i + (16 * (r >> 1))] =
                        Value(warp.R[a[r].Offset + lane], i, isSignedA);
                }

                for (var r = 0; r < 2; r++)
                {
                    right[(((4 * thread) + i + (16 * r)) * N) + group] =
                        Value(warp.R[b[r].Offset + lane], i, isSignedB);
                }
            }
        }

        var sums = stackalloc int[M * N];
        for (var row = 0; row < M; row++)
        {
            var sum = Vector256<int>.Zero;
            for (var k = 0; k < K; k++) sum += Vector256.Create(left[(row * K) + k]) * Vector256.Load(right + (k * N));
            sum.Store(sums + (row * N));
        }

        MatrixPoison.Spread(warp, a, b, c, d, isHalfSum: false);
        for (var e = 0; e < 4; e++)
        {
            for (var lane = 0; lane < Warp.Size; lane++)
            {
                var dot = sums[(((lane >> 2) + (8 * (e >> 1))) * N) + (2 * (lane & 3)) + (e & 1)];
                var sum = (long)dot + (int)warp.R[c[e].Offset + lane];
                warp.R[d[e].Offset + lane] = (uint)(saturates ? Math.Clamp(sum, int.MinValue, int.MaxValue) : sum);
            }
        }
    }

    private static int Value(uint word, int index, bool isSigned)
    {
        var value = (byte)(word >> (8 * index));
        return isSigned ? (sbyte)value : value;
    }
}

/// <summary>Unknown inputs make unknown exactly the rows and columns of the result they reach.</summary>
internal static unsafe class MatrixPoison
{
    public static void Spread(Warp warp, Slot[] a, Slot[] b, Slot[] c, Slot[] d, bool isHalfSum)
    {
        uint columns = 0;
        foreach (var slot in b) columns |= Groups(warp.Poison[slot.Shadow]);
        Spread(warp, RowsOf(warp, a), columns, c, d, isHalfSum);
    }

    /// <summary>The rows of A, a bit each, that hold an unknown value.</summary>
    public static uint RowsOf(Warp warp, Slot[] a)
    {
        uint rows = 0;
        for (var r = 0; r < a.Length; r++) rows |= Groups(warp.Poison[a[r].Shadow]) << (8 * (r & 1));
        return rows;
    }

    /// <summary>As above, for unknown rows of A and columns of B; without <paramref name="c"/> the sums begin at
    /// 0.</summary>
    public static void Spread(
        Warp warp, uint rows, uint columns, ReadOnlySpan<Slot> c, ReadOnlySpan<Slot> d, bool isHalfSum)
    {
        var sums = stackalloc uint[4];
        new Span<uint>(sums, 4).Clear();
        for (var i = 0; i < c.Length; i++) sums[i] = warp.Poison[c[i].Shadow];
        for (var i = 0; i < d.Length; i++)
        {
            var half = isHalfSum ? i : i >> 1;
            var poison = sums[i];
            for (var lane = 0; lane < Warp.Size && (rows | columns) != 0; lane++)
            {
                var inRow = rows >> ((lane >> 2) + (8 * half)) & 1;
                var column = 2 * (lane & 3);
                var inColumn = isHalfSum ? columns >> column & 3 : columns >> (column + (i & 1)) & 1;
                if ((inRow | inColumn) != 0) poison |= 1u << lane;
            }

            warp.Poison[d[i].Shadow] = poison;
        }
    }

    /// <summary>One bit for each group of four lanes with an unknown value.</summary>
    private static uint Groups(uint lanes)
    {
        uint groups = 0;
        for (var group = 0; group < 8 && lanes != 0; group++)
        {
            groups |= (lanes >> (4 * group) & 15) != 0 ? 1u << group : 0;
        }
        return groups;
    }
}

/// <summary>
/// <c>ldmatrix</c>: lanes 8i…8i+7 give the addresses of the 16-byte rows of matrix i; register i of lane 4g+t receives
/// columns 2t, 2t+1 of row g, or with <c>.trans</c> rows 2t, 2t+1 of column g.
/// </summary>
internal sealed unsafe class LoadMatrixOp(Slot[] d, AddressOperand address, bool isTransposed) : WholeWarpOp
{
    private const int RowBytes = 16;

    public override void Run(Warp warp, uint mask)
    {
        if (!IsWhole(warp, mask)) return;
        var givers = d.Length == 4 ? Warp.Full : (1u << (8 * d.Length)) - 1;
        var resolved = address.Resolve(warp, this, givers, RowBytes, Access.CollectiveRead);
        if (resolved == givers && IsKnown(warp))
        {
            for (var matrix = 0; matrix < d.Length; matrix++)
            {
                var result = warp.R + d[matrix].Offset;
                if (isTransposed) TakeTransposed(warp.Pointers + (8 * matrix), (ushort*)result);
                else TakeRows(warp.Pointers + (8 * matrix), result);
                warp.Poison[d[matrix].Shadow] = 0;
            }

            return;
        }

        for (var matrix = 0; matrix < d.Length; matrix++)
        {
            uint poison = 0;
            for (var lane = 0; lane < Warp.Size; lane++)
            {
                int group = lane >> 2, thread = lane & 3;
                uint word = 0;
                for (var half = 0; half < 2; half++)
                {
                    var row = isTransposed ? (2 * thread) + half : group;
                    var column = isTransposed ? group : (2 * thread) + half;
                    var giver = (8 * matrix) + row;
                    if ((resolved >> giver & 1) == 0)
                    {
                        poison |= 1u << lane;
                        continue;
                    }

                    word |= (uint)((ushort*)warp.Pointers[giver])[column] << (16 * half);
                    if (((ushort*)warp.Shadows[giver])[column] != 0) poison |= 1u << lane;
                }

                warp.R[d[matrix].Offset + lane] = word;
            }

            warp.Poison[d[matrix].Shadow] = poison;
        }
    }

    private bool IsKnown(Warp warp)
    {
        var shadow = Vector128<byte>.Zero;
        for (var giver = 0; giver < 8 * d.Length; giver++) shadow |= Vector128.Load(warp.Shadows[giver]);
        return shadow == Vector128<byte>.Zero;
    }

    /// <summary>A row is what the four lanes of a group receive.</summary>
    private static void TakeRows(byte** rows, uint* result)
    {
        for (var row = 0; row < 8; row++) Vector128.Load(rows[row]).AsUInt32().Store(result + (4 * row));
    }

    private static void TakeTransposed(byte** rows, ushort* result)
    {
        for (var row = 0; row < 8; row++)
        {
            var elements = (ushort*)rows[row];
            for (var column = 0; column < 8; column++) result[(8 * column) + row] = elements[column];
        }
    }
}

/// <summary><c>movmatrix.trans</c>: transposes an 8×8 matrix of 16-bit elements held as by <c>ldmatrix</c>.</summary>
internal sealed unsafe class MoveMatrixOp(Slot d, Slot a) : WholeWarpOp
{
    public override void Run(Warp warp, uint mask)
    {
        if (!IsWhole(warp, mask)) return;
        var elements = stackalloc ushort[64];
        var source = warp.R + a.Offset;
        for (var lane = 0; lane < Warp.Size; lane++)
        {
            var p = elements + (8 * (lane >> 2)) + (2 * (lane & 3));
            p[0] = (ushort)source[lane];
            p[1] = (ushort)(source[lane] >> 16);
        }

        for (var lane = 0; lane < Warp.Size; lane++)
        {
            var p = elements + (16 * (lane & 3)) + (lane >> 2);
            warp.R[d.Offset + lane] = p[0] | ((uint)p[8] << 16);
        }

        warp.Poison[d.Shadow] = warp.Poison[a.Shadow] == 0 ? 0 : Warp.Full;
    }
}
