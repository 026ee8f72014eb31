using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Gpu.Tests.Runtime;

/// <summary>
/// A driver whose copies happen as late as they may: when somebody waits for a mark behind them. Whoever touches the
/// source earlier sees the difference.
/// </summary>
internal sealed unsafe class LateDriver : IGpuDriver, IGpuStream
{
    private readonly List<(nint Source, nint Destination, long Bytes)> _enqueued = [];
    private readonly HashSet<nint> _pinned = [];
    private int _done;

    public GpuProperties Properties => throw new NotSupportedException();

    public GpuMemoryState Memory => default;

    /// <summary>Bytes of each copy, in order.</summary>
    public IEnumerable<long> Copies => _enqueued.Select(copy => copy.Bytes);

    /// <summary>Most bytes pinned so far.</summary>
    public long PinnedBytes { get; private set; }

    public int LivePinned => _pinned.Count;

    public int LiveEvents { get; private set; }

    public int Waits { get; private set; }

    public bool IsBroken { get; set; }

    public nint AllocatePinned(long byteLength)
    {
        var address = (nint)NativeMemory.AllocZeroed((nuint)byteLength);
        _pinned.Add(address);
        PinnedBytes += byteLength;
        return address;
    }

    public void FreePinned(nint address)
    {
        Assert.True(_pinned.Remove(address));
        NativeMemory.Free((void*)address);
    }

    public IGpuStream CreateStream() => this;

    public IGpuEvent CreateEvent(bool timed)
    {
        Assert.False(timed);
        LiveEvents++;
        return new Mark(this);
    }

    public void Upload(nint hostSource, nint destination, long byteLength) =>
        _enqueued.Add((hostSource, destination, byteLength));

    public void Record(IGpuEvent mark) => ((Mark)mark).Position = _enqueued.Count;

    public void Synchronize()
    {
        if (IsBroken) throw new DeviceException("broken");
        RunUntil(_enqueued.Count);
    }

    public void Dispose()
    {
    }

    public nint Allocate(long byteLength, string purpose) => throw new NotSupportedException();

    public void Free(nint address) => throw new NotSupportedException();

    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address) =>
        throw new NotSupportedException();

    public IGpuModule Load(string ptx) => throw new NotSupportedException();

    public void Download(nint source, nint hostDestination, long byteLength) => throw new NotSupportedException();

    public void Copy(nint source, nint destination, long byteLength) => throw new NotSupportedException();

    public void Fill(nint destination, byte value, long byteLength) => throw new NotSupportedException();

    public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters) =>
        throw new NotSupportedException();

    public void Launch(IGpuGraph graph) => throw new NotSupportedException();

    public void Wait(IGpuEvent mark) => throw new NotSupportedException();

    public void BeginCapture() => throw new NotSupportedException();

    public IGpuGraph EndCapture() => throw new NotSupportedException();

    private void RunUntil(int position)
    {
        for (; _done < position; _done++)
        {
            var (source, destination, bytes) = _enqueued[_done];
            Buffer.MemoryCopy((void*)source, (void*)destination, bytes, bytes);
        }
    }

    private sealed class Mark(LateDriver driver) : IGpuEvent
    {
        public int Position { get; set; }

        public bool IsDone => driver._done >= Position;

        public void Synchronize()
        {
            driver.Waits++;
            driver.RunUntil(Position);
        }

        public float MillisecondsSince(IGpuEvent earlier) => throw new NotSupportedException();

        public void Dispose() => driver.LiveEvents--;
    }
}
