using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.VirtualGpu;

/// <summary>
/// The virtual GPU behind the driver seam, so that everything that runs on the NVIDIA driver runs on it unchanged.
/// Work is done when it is enqueued, in order. A mistake found in a kernel is a <see cref="DeviceException"/> at its
/// launch, unless <see cref="ThrowsOnFindings"/> is off.
/// </summary>
public sealed class VirtualDriver : IGpuDriver
{
    private readonly List<Finding> _findings = [];

    /// <summary>Makes a driver with one device.</summary>
    public VirtualDriver(VirtualDeviceOptions? options = null) => Device = new VirtualDevice(options);

    /// <summary>The device.</summary>
    public VirtualDevice Device { get; }

    /// <summary>True to fail the launch in which a mistake is found.</summary>
    public bool ThrowsOnFindings { get; init; } = true;

    /// <summary>Hears about every launch, with its counts.</summary>
    public Action<LaunchReport>? Launched { get; set; }

    /// <summary>Everything found so far.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <inheritdoc/>
    public GpuProperties Properties => new()
    {
        Kind = "virtual",
        Name = "virtual GPU",
        ComputeMajor = Device.Options.ComputeMajor,
        ComputeMinor = 0,
        HasDependentLaunch = Device.Options.HasDependentLaunch,
        Multiprocessors = 8,
        SharedBytesPerBlock = Device.Options.SharedByteLimit,
        CacheBytes = 40L << 20,
        MemoryBytes = Device.Options.MemoryByteLength,
    };

    /// <inheritdoc/>
    public GpuMemoryState Memory => new(Device.AvailableBytes, Device.Options.MemoryByteLength);

    /// <inheritdoc/>
    public nint Allocate(long byteLength, string purpose) => (nint)Device.Allocate(byteLength, purpose);

    /// <inheritdoc/>
    public void Free(nint address) => Device.Free((ulong)address);

    /// <inheritdoc/>
    public unsafe nint AllocatePinned(long byteLength) => (nint)NativeMemory.AlignedAlloc((nuint)byteLength, 4096);

    /// <inheritdoc/>
    public unsafe void FreePinned(nint address) => NativeMemory.AlignedFree((void*)address);

    /// <inheritdoc/>
    public bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address)
    {
        address = (nint)Device.MapHost(hostAddress, byteLength, purpose);
        return true;
    }

    /// <inheritdoc/>
    public IGpuModule Load(string ptx) => new Module(Device.Load(ptx));

    /// <inheritdoc/>
    public IGpuStream CreateStream() => new VirtualStream(this);

    /// <inheritdoc/>
    public IGpuEvent CreateEvent(bool timed) => new Mark();

    /// <inheritdoc/>
    public void Dispose() => Device.Dispose();

    internal void Launch(VirtualKernel kernel, GpuLaunchShape shape, ReadOnlySpan<byte> parameters)
    {
        var report = Device.LaunchWithBlock(
            kernel, new Dim3(shape.GridX, shape.GridY, shape.GridZ), new Dim3(shape.BlockX, shape.BlockY, shape.BlockZ),
            shape.DynamicSharedBytes, parameters, shape.StartsEarly);
        _findings.AddRange(report.Findings);
        Launched?.Invoke(report);
        if (ThrowsOnFindings && !report.IsClean)
            throw new DeviceException(
                $"virtual: {kernel.Name} is wrong: {string.Join(Environment.NewLine, report.Findings)}");
    }

    private sealed class Module(VirtualModule module) : IGpuModule
    {
        public string Log => "";

        public IGpuFunction Function(string name) => new VirtualFunction(module.Kernel(name));

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

        public float MillisecondsSince(IGpuEvent earlier) =>
            throw new NotSupportedException("the virtual GPU counts; it has no time.");

        public void Dispose()
        {
        }
    }
}
