using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>Which ops share a kernel.</summary>
public sealed class GpuKernelsTests : IDisposable
{
    private const nint Somewhere = 1 << 20; // nothing is run

    private readonly GpuDevice _device = new(new VirtualDriver());
    private readonly GpuKernels _kernels;

    public GpuKernelsTests() => _kernels = new GpuKernels(_device);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Bind_SameChoicesAtOtherSizesAndPlaces_SharesOneKernel()
    {
        var first = Product(DType.BF16, rows: 64, columns: 128, Somewhere);
        var second = Product(DType.BF16, rows: 64, columns: 256, 2 * Somewhere);

        Assert.Same(first.Kernel, second.Kernel);
        Assert.NotEqual(first.Shape, second.Shape);
        Assert.Same(first.Kernel, Assert.Single(_kernels.Built).Value);
    }

    [Fact]
    public void Bind_OtherTypes_BuildsAKernelOfAnotherName()
    {
        var first = Product(DType.BF16, rows: 64, columns: 128, Somewhere);
        var second = Product(DType.F16, rows: 64, columns: 128, Somewhere);

        Assert.NotEqual(first.Kernel.Name, second.Kernel.Name);
        Assert.Equal(new HashSet<string> { first.Variant, second.Variant }, [.. _kernels.Built.Keys]);
    }

    private GpuLaunch Product(DType type, long rows, long columns, nint address) => Assert.Single(_kernels.Bind(
        new MatMul(default) { OutputType = type },
        [new BoundTensor(address, type, [rows, 64]), new BoundTensor(address, type, [columns, 64])],
        new BoundTensor(address, type, [rows, columns])).Launches);
}
