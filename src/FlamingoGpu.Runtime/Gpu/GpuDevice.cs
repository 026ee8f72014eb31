using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// A GPU as a device, the same over the NVIDIA driver and over the virtual GPU: memory, one stream of work, kernels
/// loaded once by name. Launches are asynchronous; <see cref="Download"/> and <see cref="Synchronize"/> wait. Not safe
/// for concurrent use.
/// </summary>
public sealed class GpuDevice : IRecordingDevice
{
    private const long ScratchByteLength = 64L << 20;

    private readonly Dictionary<nint, Resident> _residents = [];
    private readonly Dictionary<string, GpuKernelLoad> _kernels = new(StringComparer.Ordinal);
    private readonly TaskScheduler? _loaders; // null: the driver loads on the calling thread
    private readonly Dictionary<string, nint> _constants = new(StringComparer.Ordinal);
    private readonly GpuUploader _uploader;
    private readonly GpuDownloader _downloader;
    private nint _scratch;
    private bool _isDisposed;

    /// <summary>Takes over a driver.</summary>
    public GpuDevice(IGpuDriver driver)
    {
        Driver = driver;
        Stream = driver.CreateStream();
        _uploader = new GpuUploader(driver, Stream);
        _downloader = new GpuDownloader(driver, Stream);
        if (!driver.LoadsConcurrently || Environment.ProcessorCount == 1) return;
        _loaders = new ConcurrentExclusiveSchedulerPair(
            TaskScheduler.Default, maxConcurrencyLevel: Environment.ProcessorCount - 1).ConcurrentScheduler;
    }

    /// <summary>The driver; disposed with the device.</summary>
    public IGpuDriver Driver { get; }

    /// <summary>The stream all work of this device goes to.</summary>
    public IGpuStream Stream { get; }

    /// <summary>What the device is.</summary>
    public GpuProperties Properties => Driver.Properties;

    /// <inheritdoc/>
    public string Name => Properties.Kind;

    /// <inheritdoc/>
    public string Description =>
        $"{Properties.Name}, compute capability {Properties.ComputeMajor}.{Properties.ComputeMinor}, "
        + $"{Properties.Multiprocessors} multiprocessors, {Properties.MemoryBytes >> 20:N0} MiB";

    /// <inheritdoc/>
    public long AvailableBytes => Driver.Memory.FreeBytes;

    /// <summary>Bytes of blocks allocated and not yet freed; weights and scratch memory are not counted.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Bytes of weights kept on the device.</summary>
    public long ResidentBytes => _residents.Values.Sum(resident => resident.ByteLength);

    /// <summary>Kernels, copies and fills of the last recording.</summary>
    public int RecordedNodes { get; private set; }

    /// <summary>
    /// Working memory that any kernel may use between its own launches, <see cref="ScratchBytes"/> long, shared by all:
    /// kernels of one stream run one after the other.
    /// </summary>
    public nint Scratch => _scratch != 0 ? _scratch : _scratch = Driver.Allocate(ScratchByteLength, "kernel scratch");

    /// <summary>Size of <see cref="Scratch"/>.</summary>
    public static long ScratchBytes => ScratchByteLength;

    /// <summary>
    /// Address of a small table that kernels share, such as the frequencies of a rotary embedding; made and uploaded at
    /// the first call with this name, freed with the device.
    /// </summary>
    /// <param name="name">What the table holds; the same name must mean the same bytes.</param>
    /// <param name="make">Makes the bytes.</param>
    public nint Constant(string name, Func<byte[]> make)
    {
        if (_constants.TryGetValue(name, out var address)) return address;
        var bytes = make();
        address = Driver.Allocate(bytes.Length, name);
        Upload(bytes, address);
        _constants.Add(name, address);
        return address;
    }

    /// <inheritdoc/>
    public DeviceMemory Allocate(long byteLength, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        var address = Driver.Allocate(byteLength, purpose);
        LiveBytes += byteLength;
        return new Block(this, address, byteLength, purpose);
    }

    /// <inheritdoc/>
    public nint MakeResident(nint hostAddress, long byteLength)
    {
        if (_residents.TryGetValue(hostAddress, out var known) && known.ByteLength >= byteLength) return known.Address;
        if (!Driver.TryMapHost(hostAddress, byteLength, "weight", out var address))
        {
            address = Driver.Allocate(byteLength, "weight");
            _uploader.Upload(hostAddress, byteLength, address);
        }

        if (known.Address != 0) Driver.Free(known.Address);
        _residents[hostAddress] = new Resident(address, byteLength);
        return address;
    }

    /// <inheritdoc/>
    public void ReleaseResidents()
    {
        Synchronize();
        foreach (var resident in _residents.Values) Driver.Free(resident.Address);
        _residents.Clear();
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, nint destination) => _uploader.Upload(source, destination);

    /// <inheritdoc/>
    public unsafe void Download(nint source, Span<byte> destination)
    {
        fixed (byte* start = destination) _downloader.Download(source, (nint)start, destination.Length);
    }

    /// <inheritdoc/>
    public void Copy(nint source, nint destination, long byteLength)
    {
        if (byteLength > 0) Stream.Copy(source, destination, byteLength);
    }

    /// <inheritdoc/>
    public void Synchronize() => Stream.Synchronize();

    /// <inheritdoc/>
    public IReplay Record(Action enqueue)
    {
        foreach (var kernel in _kernels.Values) _ = kernel.Function; // nothing is loaded during a capture
        Stream.BeginCapture();
        try
        {
            enqueue();
        }
        catch
        {
            AbandonCapture();
            throw;
        }

        var graph = Stream.EndCapture();
        RecordedNodes = graph.NodeCount;
        return new Replay(Stream, graph);
    }

    /// <inheritdoc/>
    public IReadback CreateReadback(int byteLength) => new GpuReadback(Driver, Stream, byteLength);

    /// <summary>The entry <paramref name="name"/> of a PTX text; loaded at the first call and kept by that name.</summary>
    /// <exception cref="DeviceException">The driver refuses the text.</exception>
    public IGpuFunction Load(string name, string ptx)
    {
        if (!_kernels.TryGetValue(name, out var kernel))
            _kernels.Add(name, kernel = new GpuKernelLoad(Driver, name, ptx, dynamicSharedBytes: 0));
        return kernel.Function;
    }

    /// <summary>
    /// Starts loading the entry <paramref name="name"/> of a PTX text, or finds that it was; on several threads, if the
    /// driver allows it. Assembling a text takes a tenth of a second, and a model has about fifty.
    /// </summary>
    /// <param name="name">Name of the entry; the same name must mean the same text.</param>
    /// <param name="ptx">The text.</param>
    /// <param name="dynamicSharedBytes">Dynamic shared memory it will be launched with.</param>
    /// <exception cref="DeviceException">The driver refuses the text; thrown here or where the function is asked
    /// for.</exception>
    public GpuKernelLoad BeginLoad(string name, string ptx, int dynamicSharedBytes)
    {
        if (_kernels.TryGetValue(name, out var kernel))
        {
            kernel.Allow(dynamicSharedBytes);
            return kernel;
        }

        kernel = _loaders is null
            ? new GpuKernelLoad(Driver, name, ptx, dynamicSharedBytes)
            : new GpuKernelLoad(Driver, name, ptx, dynamicSharedBytes, _loaders);
        _kernels.Add(name, kernel);
        return kernel;
    }

    /// <summary>Frees weights, kernels and the driver; blocks must have been disposed before.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var resident in _residents.Values) Driver.Free(resident.Address);
        foreach (var address in _constants.Values) Driver.Free(address);
        if (_scratch != 0) Driver.Free(_scratch);
        _uploader.Dispose();
        _downloader.Dispose();
        foreach (var kernel in _kernels.Values) kernel.Unload();
        Stream.Dispose();
        Driver.Dispose();
    }

    /// <summary>Ends a capture that failed, or that the driver has given up already.</summary>
    private void AbandonCapture()
    {
        try
        {
            Stream.EndCapture().Dispose();
        }
        catch (DeviceException)
        {
            // Why it failed is on its way to the caller.
        }
    }

    private readonly record struct Resident(nint Address, long ByteLength);

    private sealed class Block(GpuDevice device, nint address, long byteLength, string purpose)
        : DeviceMemory(byteLength, purpose)
    {
        private bool _freed;

        public override nint Address => address;

        protected override void Free()
        {
            if (_freed) return;
            _freed = true;
            device.Driver.Free(address);
            device.LiveBytes -= ByteLength;
        }
    }

    private sealed class Replay(IGpuStream stream, IGpuGraph graph) : IReplay
    {
        public void Run() => stream.Launch(graph);

        public void Dispose() => graph.Dispose();
    }
}
