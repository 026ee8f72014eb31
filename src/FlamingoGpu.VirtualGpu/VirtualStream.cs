using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.VirtualGpu;

/// <summary>A stream of the virtual GPU: does everything at once, or records it while a capture is open.</summary>
internal sealed unsafe class VirtualStream(VirtualDriver driver) : IGpuStream
{
    private List<Action>? _recording;

    public void Upload(nint hostSource, nint destination, long byteLength) =>
        Do(() => Pieces(byteLength, (offset, count) =>
            driver.Device.Upload(new ReadOnlySpan<byte>((byte*)hostSource + offset, count), (ulong)destination + (ulong)offset)));

    public void Download(nint source, nint hostDestination, long byteLength) =>
        Do(() => Pieces(byteLength, (offset, count) =>
            driver.Device.Download((ulong)source + (ulong)offset, new Span<byte>((byte*)hostDestination + offset, count))));

    public void Copy(nint source, nint destination, long byteLength) =>
        Do(() => driver.Device.Copy((ulong)source, (ulong)destination, byteLength));

    public void Fill(nint destination, byte value, long byteLength) =>
        Do(() => driver.Device.Fill((ulong)destination, value, byteLength));

    public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters)
    {
        var kernel = ((VirtualFunction)function).Kernel;
        if (_recording is null)
        {
            driver.Launch(kernel, shape, parameters);
            return;
        }

        var block = parameters.ToArray();
        _recording.Add(() => driver.Launch(kernel, shape, block));
    }

    public void Launch(IGpuGraph graph)
    {
        if (_recording is not null) throw new DeviceException("virtual: a graph cannot be launched during a capture.");
        driver.Device.WaitForAll();
        foreach (var work in ((Graph)graph).Work) work();
    }

    public void Record(IGpuEvent mark)
    {
    }

    public void Wait(IGpuEvent mark)
    {
    }

    public void Synchronize()
    {
        if (_recording is not null) throw new DeviceException("virtual: waiting during a capture breaks it.");
    }

    public void BeginCapture()
    {
        if (_recording is not null) throw new DeviceException("virtual: a capture is open already.");
        _recording = [];
    }

    public IGpuGraph EndCapture()
    {
        var work = _recording ?? throw new DeviceException("virtual: no capture is open.");
        _recording = null;
        return new Graph(work);
    }

    public void Dispose()
    {
    }

    private static void Pieces(long byteLength, Action<long, int> copy)
    {
        const int Most = 1 << 30;
        for (long offset = 0; offset < byteLength; offset += Most) copy(offset, (int)Math.Min(Most, byteLength - offset));
    }

    private void Do(Action work)
    {
        if (_recording is null) work();
        else _recording.Add(work);
    }

    private sealed class Graph(List<Action> work) : IGpuGraph
    {
        public IReadOnlyList<Action> Work => work;

        public int NodeCount => work.Count;

        public void Dispose()
        {
        }
    }
}
