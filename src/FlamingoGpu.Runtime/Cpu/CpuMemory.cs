using System.Runtime.InteropServices;

namespace FlamingoGpu.Runtime.Cpu;

/// <summary>
/// A block of zeroed host memory. Large blocks are anonymous mappings (untouched pages cost nothing, the kernel is asked
/// for huge pages), small ones come from the C heap.
/// </summary>
internal sealed unsafe partial class CpuMemory : DeviceMemory
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int AdviseHugePages = 14;
    private const long MappingThreshold = 1 << 20;
    private const long HugePage = 2 << 20;

    private readonly CpuDevice _device;
    private readonly nint _base;
    private readonly long _mappedBytes;
    private bool _freed;

    private CpuMemory(CpuDevice device, nint address, nint start, long mappedBytes, long byteLength, string purpose)
        : base(byteLength, purpose)
    {
        _device = device;
        Address = address;
        _base = start;
        _mappedBytes = mappedBytes;
    }

    /// <inheritdoc/>
    public override nint Address { get; }

    /// <summary>Null when the system refuses.</summary>
    public static CpuMemory? TryAllocate(CpuDevice device, long byteLength, string purpose)
    {
        if (byteLength >= MappingThreshold && OperatingSystem.IsLinux()) return TryMap(device, byteLength, purpose);
        try
        {
            var address = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(byteLength, 64), 64);
            NativeMemory.Clear((void*)address, (nuint)byteLength);
            return new CpuMemory(device, address, address, 0, byteLength, purpose);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        if (_freed) return;
        _freed = true;
        if (_mappedBytes != 0) _ = Unmap(_base, (nuint)_mappedBytes);
        else NativeMemory.AlignedFree((void*)_base);
        _device.Freed(ByteLength);
    }

    private static CpuMemory? TryMap(CpuDevice device, long byteLength, string purpose)
    {
        var mapped = byteLength + HugePage;
        var start = Map(0, (nuint)mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1) return null;
        var address = (nint)((start + HugePage - 1) & ~(HugePage - 1));
        _ = Advise(address, (nuint)byteLength, AdviseHugePages);
        return new CpuMemory(device, address, start, mapped, byteLength, purpose);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
