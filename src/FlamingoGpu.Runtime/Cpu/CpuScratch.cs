using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cpu;

/// <summary>
/// Working memory of the kernels: one block per worker, valid only within an item, and one shared block, valid only
/// within a kernel. Kernels reserve when they are bound and ask for the address when they run, because a later
/// reservation may move the blocks. Contents are undefined.
/// </summary>
public sealed unsafe class CpuScratch : IDisposable
{
    private readonly nint[] _blocks;
    private long _blockBytes;
    private nint _shared;
    private long _sharedBytes;

    internal CpuScratch(int workerCount) => _blocks = new nint[workerCount];

    /// <summary>Bytes held for all workers together.</summary>
    public long TotalBytes => _blockBytes * _blocks.Length + _sharedBytes;

    /// <summary>Makes every worker's block at least this large. Not while a kernel runs.</summary>
    /// <exception cref="DeviceException">The machine has not enough memory.</exception>
    public void ReservePerWorker(long byteLength)
    {
        if (byteLength <= _blockBytes) return;
        for (var i = 0; i < _blocks.Length; i++) Replace(ref _blocks[i], byteLength);
        _blockBytes = byteLength;
    }

    /// <summary>Makes the shared block at least this large. Not while a kernel runs.</summary>
    /// <exception cref="DeviceException">The machine has not enough memory.</exception>
    public void ReserveShared(long byteLength)
    {
        if (byteLength <= _sharedBytes) return;
        Replace(ref _shared, byteLength);
        _sharedBytes = byteLength;
    }

    /// <summary>The block of a worker, aligned to 64 bytes.</summary>
    public nint OfWorker(int worker) => _blocks[worker];

    /// <summary>The shared block, aligned to 64 bytes.</summary>
    public nint Shared => _shared;

    /// <summary>Frees all blocks.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _blocks.Length; i++) Release(ref _blocks[i]);
        Release(ref _shared);
        _blockBytes = _sharedBytes = 0;
    }

    private static void Replace(ref nint block, long byteLength)
    {
        Release(ref block);
        try
        {
            block = (nint)NativeMemory.AlignedAlloc(checked((nuint)byteLength), 4096);
        }
        catch (OutOfMemoryException error)
        {
            throw new DeviceException($"cpu: {byteLength:N0} bytes of kernel scratch memory could not be allocated.", error);
        }
    }

    private static void Release(ref nint block)
    {
        NativeMemory.AlignedFree((void*)block);
        block = 0;
    }
}
