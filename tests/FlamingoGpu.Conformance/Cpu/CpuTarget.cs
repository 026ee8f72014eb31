using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>The processor with three threads: more than some machines have cores, so that items really mix.</summary>
public sealed class CpuTarget : IConformanceTarget
{
    private readonly CpuDevice _device;
    private readonly CpuKernels _kernels;

    public CpuTarget()
        : this(3)
    {
    }

    public CpuTarget(int threads)
    {
        _device = new CpuDevice(threads);
        _kernels = new CpuKernels(_device);
    }

    public IDevice Device => _device;

    public IKernelLibrary Kernels => _kernels;

    public bool TakesAnyAddress => true;

    public bool ThrowsOnBadIndices => true;

    public long LiveBytes => _device.LiveBytes;

    public void Dispose()
    {
        _kernels.Dispose();
        _device.Dispose();
    }
}
