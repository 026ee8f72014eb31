using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A few rows in pieces of <see cref="RowGroups.PieceBytes"/>: rows that lie in one piece are the case of pieces that
/// touch.
/// </summary>
/// <param name="first">First byte of the first row.</param>
/// <param name="rowPitch">Bytes between the rows.</param>
/// <param name="piecePitch">Bytes between the pieces of a row.</param>
internal readonly unsafe struct RowBlock(byte* first, nint rowPitch, nint piecePitch)
{
    /// <summary>Bytes between the rows.</summary>
    public nint RowPitch => rowPitch;

    /// <summary>Bytes between the pieces of a row.</summary>
    public nint PiecePitch => piecePitch;

    /// <summary>The byte of the first row that is <paramref name="offset"/> bytes from its start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* At(nint offset) =>
        first + (nint)((nuint)offset / RowGroups.PieceBytes) * piecePitch + (nint)((nuint)offset % RowGroups.PieceBytes);
}
