using System.Runtime.InteropServices;

namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>Zeroed host memory outside the garbage-collected heap, aligned to 64 bytes.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private bool _isFreed;

    public NativeBytes(long length)
    {
        Length = length;
        Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), 64);
        Clear();
    }

    ~NativeBytes() => Free();

    public byte* Pointer { get; private set; }

    public long Length { get; }

    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Length);

    public void Fill(byte value) => NativeMemory.Fill(Pointer, (nuint)Length, value);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_isFreed) return;
        _isFreed = true;
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
