using System.Runtime.CompilerServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>The rows of a tensor of any type by number, as bytes.</summary>
internal readonly unsafe struct StoredRows(BoundTensor tensor)
{
    private readonly byte* _first = (byte*)tensor.Address;
    private readonly long _pitchBytes = tensor.DType.ByteSize(tensor.RowPitch);
    private readonly int _elementBytes = (int)tensor.DType.ByteSize(1);

    /// <summary>Bytes between the starts of neighbouring rows.</summary>
    public nint PitchBytes => (nint)_pitchBytes;

    /// <summary>An element of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* At(long row, int column = 0) => _first + row * _pitchBytes + (nint)column * _elementBytes;
}
