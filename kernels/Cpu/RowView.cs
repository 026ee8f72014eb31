using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>The rows of an f32 tensor by number.</summary>
internal readonly unsafe struct RowView(BoundTensor tensor)
{
    private readonly float* _first = (float*)tensor.Address;
    private readonly long _pitch = tensor.RowPitch;

    /// <summary>Elements between the starts of neighbouring rows.</summary>
    public nint Pitch => (nint)_pitch;

    /// <summary>First element of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(long row) => _first + row * _pitch;
}
