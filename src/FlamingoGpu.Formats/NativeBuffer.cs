using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>Unmanaged memory of any size, aligned for the widest vectors, freed with its owner.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nuint Alignment = 64;

    private void* _start;

    private NativeBuffer(void* start, long byteLength)
    {
        _start = start;
        ByteLength = byteLength;
    }

    ~NativeBuffer() => Free();

    /// <summary>First byte.</summary>
    public nint Address => (nint)_start;

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Allocates memory that a file asks for; contents are undefined.</summary>
    /// <exception cref="InvalidFileException">This machine has not that much.</exception>
    public static NativeBuffer Allocate(long byteLength, string file, string? tensor)
    {
        try
        {
            return new NativeBuffer(NativeMemory.AlignedAlloc((nuint)Math.Max(byteLength, 1), Alignment), byteLength);
        }
        catch (OutOfMemoryException error)
        {
            throw new InvalidFileException(
                file, $"asks for {byteLength} bytes of memory, more than this machine gives.", tensor, inner: error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
