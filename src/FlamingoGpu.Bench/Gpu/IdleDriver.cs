using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// A driver whose device does nothing at once: kernels are staged, bound and launched, copies to the device end in the
/// pinned buffers, results are zeros. What a request takes on it is the time of the host alone.
/// </summary>
internal sealed unsafe class IdleDriver : IGpuDriver, IGpuStream
{
    private const nint FirstAddress = 1 << 20;
    private const nint Alignment = 512;

    private nint _next = FirstAddress;

    /// <summary>Calls that enqueue something.</summary>
    public long Calls { get; private set; }

    /// <summary>Bytes copied to the device.</summary>
    public long UploadedBytes { get; private set; }

    public GpuProperties Properties { get; } = new()
    {
        Kind = "idle",
        Name = "a device that does nothing",
        ComputeMajor = 9,
        ComputeMinor = 0,
        Multiprocessors = 132,
        SharedBytesPerBlock = 227 << 10,
        CacheBytes = 50L << 20,
        MemoryBytes = 140L << 30,
    };

    public GpuMemoryState Memory => new(Properties.MemoryBytes, Properties.MemoryBytes);

    public nint Allocate(long byteLength, string purpose)
    {
        var address = _next;
        _next += ((nint)byteLength + Alignment) / Alignment * Alignment;
        return address;
    }

    public void Free(nint address)
    {
    }

    /// <summary>Memory whose pages are there, as pinned ones are.</summary>
    public nint AllocatePinned(long byteLength)
    {
        var memory = NativeMemory.Alloc((nuint)byteLength);
        NativeMemory.Clear(memory, (nuint)byteLength);
        return (nint)memory;
    }

    public void FreePinned(nint address) => NativeMemory.Free((void*)address);

    /// <summary>Always, to an address that nobody reads.</summary>
    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address)
    {
        address = Allocate(byteLength, purpose);
        return true;
    }

    public IGpuModule Load(string ptx) => new Module();

    public IGpuStream CreateStream() => this;

    public IGpuEvent CreateEvent(bool timed) => new Mark();

    public void Upload(nint hostSource, nint destination, long byteLength)
    {
        Calls++;
        UploadedBytes += byteLength;
    }

    public void Download(nint source, nint hostDestination, long byteLength) => Calls++;

    public void Copy(nint source, nint destination, long byteLength) => Calls++;

    public void Fill(nint destination, byte value, long byteLength) => Calls++;

    public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters) => Calls++;

    public void Launch(IGpuGraph graph) => Calls++;

    public void Record(IGpuEvent mark) => Calls++;

    public void Wait(IGpuEvent mark) => Calls++;

    public void Synchronize()
    {
    }

    public void BeginCapture()
    {
    }

    public IGpuGraph EndCapture() => new Graph();

    public void Dispose()
    {
    }

    private sealed class Module : IGpuModule
    {
        public string Log => "";

        public IGpuFunction Function(string name) => new Function(name);

        public void Dispose()
        {
        }
    }

    private sealed class Function(string name) : IGpuFunction
    {
        public string Name => name;

        public int RegistersPerThread => 32;

        public int LocalBytesPerThread => 0;

        public int StaticSharedBytes => 0;

        public void AllowDynamicShared(int byteLength)
        {
        }

        public int BlocksPerMultiprocessor(int threads, int dynamicSharedBytes) => 2;
    }

    private sealed class Graph : IGpuGraph
    {
        public int NodeCount => 0;

        public void Dispose()
        {
        }
    }

    private sealed class Mark : IGpuEvent
    {
        public bool IsDone => true;

        public void Synchronize()
        {
        }

        public float MillisecondsSince(IGpuEvent earlier) => 0;

        public void Dispose()
        {
        }
    }
}
