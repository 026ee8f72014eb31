using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The virtual GPU with four schedules, where the test says which kernel multiplies.</summary>
public sealed class ChosenMatMul : IConformanceTarget, IKernelLibrary
{
    private readonly GpuDevice _device;
    private readonly GpuKernels _kernels;

    public ChosenMatMul()
    {
        var driver = new VirtualDriver(new VirtualDeviceOptions { SeedCount = 4, MemoryByteLength = 1L << 30 })
        {
            Launched = Reports.Add,
        };
        _device = new GpuDevice(driver);
        _kernels = new GpuKernels(_device);
    }

    public IDevice Device => _device;

    public IKernelLibrary Kernels => this;

    public bool TakesAnyAddress => false;

    public bool ThrowsOnBadIndices => false;

    public long LiveBytes => _device.LiveBytes;

    /// <summary>What the launches so far counted.</summary>
    public List<LaunchReport> Reports { get; } = [];

    internal Func<GpuMatMulProblem, BoundKernel> Choice { get; set; } =
        _ => throw new InvalidOperationException("The test chooses no kernel.");

    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output) =>
        Choice(new GpuMatMulProblem(_kernels, (MatMul)op, inputs, output));

    public void Dispose() => _device.Dispose();
}
