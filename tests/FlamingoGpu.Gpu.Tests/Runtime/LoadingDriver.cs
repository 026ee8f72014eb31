using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Runtime;

/// <summary>A virtual GPU whose driver loads on any thread, no text before the test says so.</summary>
internal sealed class LoadingDriver : IGpuDriver
{
    private readonly VirtualDriver _driver = new();
    private int _loading;

    /// <summary>Set to let loads go on.</summary>
    public ManualResetEventSlim Gate { get; } = new();

    /// <summary>A load fails once the gate is open.</summary>
    public bool Fails { get; set; }

    /// <summary>Threads that loaded.</summary>
    public HashSet<int> Threads { get; } = [];

    /// <summary>Loaded and not yet unloaded.</summary>
    public int LiveModules { get; private set; }

    /// <summary>Loads that were under way when a capture began.</summary>
    public int LoadingAtCapture { get; private set; }

    public GpuProperties Properties => _driver.Properties;

    public GpuMemoryState Memory => _driver.Memory;

    public bool LoadsConcurrently => true;

    public nint Allocate(long byteLength, string purpose) => _driver.Allocate(byteLength, purpose);

    public void Free(nint address) => _driver.Free(address);

    public nint AllocatePinned(long byteLength) => _driver.AllocatePinned(byteLength);

    public void FreePinned(nint address) => _driver.FreePinned(address);

    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address) =>
        _driver.TryMapHost(hostAddress, byteLength, purpose, out address);

    public IGpuModule Load(string ptx)
    {
        Interlocked.Increment(ref _loading);
        Gate.Wait();
        try
        {
            if (Fails) throw new DeviceException("refused");
            lock (Threads)
            {
                Threads.Add(Environment.CurrentManagedThreadId);
                LiveModules++;
                return new Module(this, _driver.Load(ptx));
            }
        }
        finally
        {
            Interlocked.Decrement(ref _loading);
        }
    }

    public IGpuStream CreateStream() => new Stream(this, _driver.CreateStream());

    public IGpuEvent CreateEvent(bool timed) => _driver.CreateEvent(timed);

    public void Dispose() => _driver.Dispose();

    private sealed class Module(LoadingDriver driver, IGpuModule module) : IGpuModule
    {
        public string Log => module.Log;

        public IGpuFunction Function(string name) => module.Function(name);

        public void Dispose()
        {
            driver.LiveModules--;
            module.Dispose();
        }
    }

    private sealed class Stream(LoadingDriver driver, IGpuStream stream) : IGpuStream
    {
        public void Upload(nint hostSource, nint destination, long byteLength) =>
            stream.Upload(hostSource, destination, byteLength);

        public void Download(nint source, nint hostDestination, long byteLength) =>
            stream.Download(source, hostDestination, byteLength);

        public void Copy(nint source, nint destination, long byteLength) =>
            stream.Copy(source, destination, byteLength);

        public void Fill(nint destination, byte value, long byteLength) => stream.Fill(destination, value, byteLength);

        public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters) =>
            stream.Launch(function, shape, parameters);

        public void Launch(IGpuGraph graph) => stream.Launch(graph);

        public void Record(IGpuEvent mark) => stream.Record(mark);

        public void Wait(IGpuEvent mark) => stream.Wait(mark);

        public void Synchronize() => stream.Synchronize();

        public void BeginCapture()
        {
            driver.LoadingAtCapture += driver._loading;
            stream.BeginCapture();
        }

        public IGpuGraph EndCapture() => stream.EndCapture();

        public void Dispose() => stream.Dispose();
    }
}
