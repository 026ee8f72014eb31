using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Checks;

/// <summary>
/// Products of few rows load weights before the kernels in front are done. Their x may come from those kernels; weights
/// that do are found.
/// </summary>
public sealed class EarlyWeightsTests
{
    private const int N = 16, K = 256;

    [Theory]
    [InlineData(1, "Gemv.cs")]
    [InlineData(2, "GemvTensorCore.cs")]
    public void Run_WeightsThatAKernelComputed_IsAFinding(int rows, string file)
    {
        using var device = new GpuDevice(new VirtualDriver());
        var error = Assert.Throws<DeviceException>(() => Multiply(device, rows, computesWeights: true));
        Assert.Contains($"EarlyAccess: gemv_", error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_RowsThatAKernelComputed_IsClean(int rows)
    {
        using var device = new GpuDevice(new VirtualDriver());
        Multiply(device, rows, computesWeights: false);
    }

    /// <summary>A device that starts nothing early takes weights from anywhere.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_OnADeviceWithoutDependentLaunch_IsClean(int rows)
    {
        using var device = new GpuDevice(new VirtualDriver(new VirtualDeviceOptions { HasDependentLaunch = false }));
        Multiply(device, rows, computesWeights: true);
    }

    private static void Multiply(GpuDevice device, int rows, bool computesWeights)
    {
        var kernels = new GpuKernels(device);
        using var memory = device.Allocate(2 * (N * K + rows * K + rows * N), "operands");
        device.Stream.Fill(memory.Address, 0, memory.ByteLength);
        BoundTensor w = new(memory.Address, DType.BF16, [N, K]);
        BoundTensor x = new(w.Address + 2 * N * K, DType.BF16, [rows, K]);
        BoundTensor y = new(x.Address + 2 * rows * K, DType.BF16, [rows, N]);
        var computed = computesWeights ? w : x;
        kernels.Bind(new Activate(Activation.Relu) { OutputType = DType.BF16 }, [computed], computed).Run();
        kernels.Bind(new MatMul(default) { OutputType = DType.BF16 }, [x, w], y).Run();
        device.Synchronize();
    }
}
