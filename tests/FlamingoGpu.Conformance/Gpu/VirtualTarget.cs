using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>
/// The GPU kernels on the virtual GPU: every launch runs under several schedules, two by default, and any finding of
/// its checks fails the test.
/// </summary>
public class VirtualTarget : IConformanceTarget
{
    private readonly GpuDevice _device;

    public VirtualTarget()
        : this(2)
    {
    }

    public VirtualTarget(int schedules, int computeMajor = 9)
    {
        Driver = new VirtualDriver(new VirtualDeviceOptions
        {
            SeedCount = schedules,
            MemoryByteLength = 1L << 30,
            ComputeMajor = computeMajor,
        });
        _device = new GpuDevice(Driver);
        Kernels = new GpuKernels(_device);
    }

    public VirtualDriver Driver { get; }

    public IDevice Device => _device;

    public IKernelLibrary Kernels { get; }

    public bool TakesAnyAddress => false;

    public bool ThrowsOnBadIndices => false;

    public long LiveBytes => _device.LiveBytes;

    public void Dispose()
    {
        _device.Dispose();
        GC.SuppressFinalize(this);
    }
}
