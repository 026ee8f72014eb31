using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>
/// The GPU kernels on the virtual GPU: every launch runs under two schedules, and any finding of its checks fails the
/// test.
/// </summary>
public sealed class VirtualTarget : IConformanceTarget
{
    private readonly GpuDevice _device =
        new(new VirtualDriver(new VirtualDeviceOptions { SeedCount = 2, MemoryByteLength = 1L << 30 }));

    public VirtualTarget() => Kernels = new GpuKernels(_device);

    public IDevice Device => _device;

    public IKernelLibrary Kernels { get; }

    public bool TakesAnyAddress => false;

    public bool ThrowsOnBadIndices => false;

    public long LiveBytes => _device.LiveBytes;

    public void Dispose() => _device.Dispose();
}
