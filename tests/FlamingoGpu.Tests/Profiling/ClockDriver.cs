using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Tests.Profiling;

/// <summary>A driver that only has a clock: each mark is reached one millisecond after the one before.</summary>
internal sealed class ClockDriver : IGpuDriver
{
    public GpuProperties Properties { get; } = new()
    {
        Kind = "cuda",
        Name = "clock",
        ComputeMajor = 9,
        ComputeMinor = 0,
        Multiprocessors = 132,
        SharedBytesPerBlock = 232448,
        MemoryBytes = 1 << 30,
        ClockKilohertz = 1_000_000,
        MemoryBytesPerSecond = 2e12,
    };

    public GpuMemoryState Memory => new(1 << 30, 1 << 30);

    public nint Allocate(long byteLength, string purpose) => throw new NotSupportedException();

    public void Free(nint address)
    {
    }

    public nint AllocatePinned(long byteLength) => throw new NotSupportedException();

    public void FreePinned(nint address)
    {
    }

    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address) =>
        throw new NotSupportedException();

    public IGpuModule Load(string ptx) => throw new NotSupportedException();

    public IGpuStream CreateStream() => new Clock();

    public IGpuEvent CreateEvent(bool timed)
    {
        Assert.True(timed);
        return new Mark();
    }

    public void Dispose()
    {
    }

    private sealed class Mark : IGpuEvent
    {
        public int Milliseconds { get; set; } = -1;

        public bool IsDone => Milliseconds >= 0;

        public void Synchronize() => Assert.True(IsDone);

        public float MillisecondsSince(IGpuEvent earlier) => Milliseconds - ((Mark)earlier).Milliseconds;

        public void Dispose()
        {
        }
    }

    private sealed class Clock : IGpuStream
    {
        private int _now;

        public void Record(IGpuEvent mark) => ((Mark)mark).Milliseconds = _now++;

        public void Upload(nint hostSource, nint destination, long byteLength) => throw new NotSupportedException();

        public void Download(nint source, nint hostDestination, long byteLength) => throw new NotSupportedException();

        public void Copy(nint source, nint destination, long byteLength) => throw new NotSupportedException();

        public void Fill(nint destination, byte value, long byteLength) => throw new NotSupportedException();

        public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters) =>
            throw new NotSupportedException();

        public void Launch(IGpuGraph graph) => throw new NotSupportedException();

        public void Wait(IGpuEvent mark) => throw new NotSupportedException();

        public void Synchronize()
        {
        }

        public void BeginCapture() => throw new NotSupportedException();

        public IGpuGraph EndCapture() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
