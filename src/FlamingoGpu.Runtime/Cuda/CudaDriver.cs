using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// NVIDIA's driver, without anything between: the library that comes with the card's driver is found at run time, and
/// PTX texts are assembled by it. Needs CUDA 12.0 (driver 525) and compute capability 8.0.
/// </summary>
/// <remarks>What it made (streams, events, modules, graphs) is disposed before it.</remarks>
public sealed unsafe class CudaDriver : IGpuDriver
{
    /// <summary>
    /// Environment variable that turns dependent launches off with the word <c>off</c>, to see what they are worth.
    /// </summary>
    public const string DependentLaunchVariable = "FLAMINGO_DEPENDENT_LAUNCH";

    private const int DependentLaunchVersion = 12030; // the first whose captures keep them

    private readonly CudaContext _context;
    private readonly CudaAllocator _allocator;
    private readonly KernelCache _cache;

    private CudaDriver(CudaContext context, GpuProperties properties, KernelCache cache)
    {
        _context = context;
        Properties = properties;
        _cache = cache;
        _allocator = new CudaAllocator(context, properties.Name);
    }

    /// <inheritdoc/>
    public GpuProperties Properties { get; }

    /// <inheritdoc/>
    public GpuMemoryState Memory => _allocator.State;

    /// <summary>Opens a card.</summary>
    /// <param name="ordinal">Its number, as <see cref="CudaDevices"/> lists it.</param>
    /// <param name="cache">Where assembled kernels are kept; null takes that of the user.</param>
    /// <exception cref="DeviceException">No driver, one too old, no such card, or one too old; says which.</exception>
    public static CudaDriver Open(int ordinal = 0, KernelCache? cache = null) =>
        Open(CudaLibrary.Load(), ordinal, cache ?? KernelCache.OfUser(Environment.GetEnvironmentVariable));

    /// <summary>Opens a card with functions of one's own.</summary>
    internal static CudaDriver Open(CudaApi api, int ordinal, KernelCache cache)
    {
        var device = CudaDevices.Find(api, ordinal);
        if (device.Missing is { } missing) throw new DeviceException($"cuda:{ordinal}: {missing}");
        var context = new CudaContext(api, device.Handle);
        try
        {
            return new CudaDriver(context, PropertiesOf(api, device), cache);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public nint Allocate(long byteLength, string purpose) => _allocator.Allocate(byteLength, purpose);

    /// <inheritdoc/>
    public void Free(nint address) => _allocator.Free(address);

    /// <inheritdoc/>
    public nint AllocatePinned(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        var api = _context.Enter();
        nint address;
        var status = api.MemHostAlloc(&address, (nuint)Math.Max(byteLength, 1), 0);
        if (status == CudaStatus.OutOfMemory)
            throw new DeviceException(
                $"cuda: the system does not lend {byteLength:N0} bytes of pinned host memory. Free host memory, or "
                + "raise the limit of locked memory (ulimit -l).");
        api.Check(status, "cuMemHostAlloc");
        return address;
    }

    /// <inheritdoc/>
    public void FreePinned(nint address)
    {
        var status = _context.Enter().MemFreeHost(address);
        if (!CudaErrors.IsLost(status)) _context.Check(status, "cuMemFreeHost");
    }

    /// <summary>Never: kernels read host memory through the bus, ten times slower than a copy on the card.</summary>
    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address)
    {
        address = 0;
        return false;
    }

    /// <summary>Assembler and loader may be called from every thread that has the context current.</summary>
    public bool LoadsConcurrently => true;

    /// <inheritdoc/>
    public IGpuModule Load(string ptx) => CudaModule.Load(_context, Properties, _cache, ptx);

    /// <inheritdoc/>
    public IGpuStream CreateStream() => new CudaStream(_context);

    /// <inheritdoc/>
    public IGpuEvent CreateEvent(bool timed) => new CudaEvent(_context, timed);

    /// <summary>Gives unused memory and the context back. Never throws.</summary>
    public void Dispose()
    {
        if (!_context.IsOpen) return;
        _allocator.Dispose();
        _context.Dispose();
    }

    private static GpuProperties PropertiesOf(CudaApi api, CudaDeviceInfo device) => new()
    {
        Kind = "cuda",
        Name = device.Name,
        ComputeMajor = device.ComputeMajor,
        ComputeMinor = device.ComputeMinor,
        DriverVersion = api.DriverVersion,
        HasDependentLaunch = device.ComputeMajor >= 9 && api.DriverVersion >= DependentLaunchVersion
            && !"off".Equals(
                Environment.GetEnvironmentVariable(DependentLaunchVariable), StringComparison.OrdinalIgnoreCase),
        Multiprocessors = api.Attribute(CudaDeviceAttribute.MultiprocessorCount, device.Handle),
        ThreadsPerMultiprocessor = api.Attribute(CudaDeviceAttribute.ThreadsPerMultiprocessor, device.Handle),
        SharedBytesPerBlock = api.Attribute(CudaDeviceAttribute.SharedPerBlockOptIn, device.Handle),
        CacheBytes = api.Attribute(CudaDeviceAttribute.L2CacheSize, device.Handle),
        MemoryBytes = device.MemoryBytes,
        ClockKilohertz = api.Attribute(CudaDeviceAttribute.ClockRate, device.Handle),
        MemoryBytesPerSecond = MemoryRate(
            api.Attribute(CudaDeviceAttribute.MemoryClockRate, device.Handle),
            api.Attribute(CudaDeviceAttribute.MemoryBusWidth, device.Handle)),
    };

    /// <summary>Two transfers a clock, bus width in bits.</summary>
    private static double MemoryRate(int kilohertz, int busBits) => 2.0 * kilohertz * 1000 * busBits / 8;
}
