using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Golden;

/// <summary>A driver that counts the calls which cost a host time, in front of another one.</summary>
internal sealed class CountingDriver(IGpuDriver driver) : IGpuDriver
{
    public int Allocations { get; private set; }

    /// <summary>Purpose of memory that is not lent, or null.</summary>
    public string? Refused { get; set; }

    public int Waits { get; private set; }

    public int Loads { get; private set; }

    public int Launches { get; private set; }

    public int GraphLaunches { get; private set; }

    public int Uploads { get; private set; }

    public int Downloads { get; private set; }

    public GpuProperties Properties => driver.Properties;

    public GpuMemoryState Memory => driver.Memory;

    public nint Allocate(long byteLength, string purpose)
    {
        if (purpose == Refused) throw new DeviceException($"{purpose} is refused.");
        Allocations++;
        return driver.Allocate(byteLength, purpose);
    }

    public void Free(nint address) => driver.Free(address);

    public nint AllocatePinned(long byteLength)
    {
        Allocations++;
        return driver.AllocatePinned(byteLength);
    }

    public void FreePinned(nint address) => driver.FreePinned(address);

    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address) =>
        driver.TryMapHost(hostAddress, byteLength, purpose, out address);

    public IGpuModule Load(string ptx)
    {
        Loads++;
        return driver.Load(ptx);
    }

    public IGpuStream CreateStream() => new Stream(this, driver.CreateStream());

    public IGpuEvent CreateEvent(bool timed) => driver.CreateEvent(timed);

    public void Dispose() => driver.Dispose();

    private sealed class Stream(CountingDriver counts, IGpuStream stream) : IGpuStream
    {
        public void Upload(nint hostSource, nint destination, long byteLength)
        {
            counts.Uploads++;
            stream.Upload(hostSource, destination, byteLength);
        }

        public void Download(nint source, nint hostDestination, long byteLength)
        {
            counts.Downloads++;
            stream.Download(source, hostDestination, byteLength);
        }

        public void Copy(nint source, nint destination, long byteLength) => stream.Copy(source, destination, byteLength);

        public void Fill(nint destination, byte value, long byteLength) => stream.Fill(destination, value, byteLength);

        public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters)
        {
            counts.Launches++;
            stream.Launch(function, shape, parameters);
        }

        public void Launch(IGpuGraph graph)
        {
            counts.GraphLaunches++;
            stream.Launch(graph);
        }

        public void Record(IGpuEvent mark) => stream.Record(mark);

        public void Wait(IGpuEvent mark) => stream.Wait(mark);

        public void Synchronize()
        {
            counts.Waits++;
            stream.Synchronize();
        }

        public void BeginCapture() => stream.BeginCapture();

        public IGpuGraph EndCapture() => stream.EndCapture();

        public void Dispose() => stream.Dispose();
    }
}
