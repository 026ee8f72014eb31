namespace FlamingoGpu.Formats;

/// <summary>
/// Bytes of one tensor in memory that its <see cref="ITensorSource"/> owns; may exceed 2 GiB, hence a pointer. Mapped
/// data is as aligned as its file: formats allow any address, so read it with unaligned loads.
/// </summary>
/// <param name="Address">First byte.</param>
/// <param name="ByteLength">Number of bytes.</param>
public readonly record struct TensorData(nint Address, long ByteLength)
{
    /// <summary>The bytes as a span.</summary>
    /// <exception cref="OverflowException">
    /// The tensor is larger than 2 GiB; walk <see cref="Address"/> instead.
    /// </exception>
    public unsafe ReadOnlySpan<byte> Bytes => new((void*)Address, checked((int)ByteLength));
}
