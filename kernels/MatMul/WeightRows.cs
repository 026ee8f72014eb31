using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Where the rows of a weight matrix lie: one after the other, or, in a copy of the device's own, interleaved in groups
/// (<see cref="RowGroups"/>) and only the last few one after the other.
/// </summary>
/// <param name="first">First byte of the matrix.</param>
/// <param name="pitchBytes">Bytes between rows; of an interleaved matrix the bytes of a row.</param>
/// <param name="rows">Rows of the matrix.</param>
/// <param name="interleaved">Whether whole groups are interleaved.</param>
internal readonly unsafe struct WeightRows(byte* first, nint pitchBytes, int rows, bool interleaved)
{
    /// <summary>Bytes between rows that lie one after the other.</summary>
    public nint PitchBytes => pitchBytes;

    /// <summary>How many rows, the first of the matrix, lie in interleaved groups.</summary>
    public int Grouped => interleaved ? rows / RowGroups.Rows * RowGroups.Rows : 0;

    /// <summary>First byte of a row that lies in one piece, or of a group.</summary>
    public byte* Row(int row) => first + row * pitchBytes;

    /// <summary>The rows from one on that lie alike: up to the end of its group, or of the matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowBlock BlockAt(int row)
    {
        if (row >= Grouped) return new RowBlock(Row(row), pitchBytes, RowGroups.PieceBytes);
        var inGroup = row % RowGroups.Rows;
        var ownPieces = Row(row - inGroup) + inGroup * RowGroups.PieceBytes;
        return new RowBlock(ownPieces, RowGroups.PieceBytes, RowGroups.Rows * RowGroups.PieceBytes);
    }
}
