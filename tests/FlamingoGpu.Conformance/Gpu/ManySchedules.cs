using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The virtual GPU with four schedules a launch: for warps that share rings of shared memory.</summary>
public sealed class ManySchedules : IConformanceTarget
{
    private readonly VirtualTarget _target = new(4);

    public IDevice Device => _target.Device;

    public IKernelLibrary Kernels => _target.Kernels;

    public bool TakesAnyAddress => _target.TakesAnyAddress;

    public bool ThrowsOnBadIndices => _target.ThrowsOnBadIndices;

    public long LiveBytes => _target.LiveBytes;

    public void Dispose() => _target.Dispose();
}
