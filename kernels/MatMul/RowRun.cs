using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Neighbouring weight rows to be read one after the other, and what to prefetch meanwhile.</summary>
/// <param name="first">First byte of the first row.</param>
/// <param name="pitchBytes">Bytes between rows.</param>
/// <param name="count">How many rows.</param>
/// <param name="length">Elements of a row.</param>
/// <param name="prefetchBytes">How far ahead to prefetch.</param>
/// <param name="end">Nothing behind this address is worth prefetching.</param>
internal readonly unsafe ref struct RowRun(byte* first, nint pitchBytes, int count, nint length, nint prefetchBytes, byte* end)
{
    /// <summary>How many rows.</summary>
    public int Count => count;

    /// <summary>Elements of a row.</summary>
    public nint Length => length;

    /// <summary>First byte of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int index) => first + index * pitchBytes;

    /// <summary>Distance in bytes between the element in work and the cache line asked for; 0 near the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Ahead(int index) => first + (index + 1) * pitchBytes + prefetchBytes <= end ? prefetchBytes : 0;
}
