using FlamingoGpu.Checks;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Checks;

public sealed class KernelRowTests
{
    [Theory]
    [InlineData(9, "wgmma.mma_async")]
    [InlineData(8, "mma.sync")]
    public void InstructionsPerMma_OfAProduct_CountsWhatAWarpExecutes(int computeMajor, string product)
    {
        var operand = CaseInput.Of(DType.BF16, [64, 256]);
        var row = Row(new OpCase("product", new MatMul(default), [operand, operand]), computeMajor);
        var instructions = Assert.Single(row.Launches).Report!.Counters.Instructions;
        var products = instructions.Where(i => i.Form.StartsWith(product, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(products);
        var others = instructions.Except(products).Sum(i => i.WarpExecutions);
        Assert.Equal(1 + others / (double)products.Sum(i => i.WarpExecutions), row.InstructionsPerMma!.Value, 1e-9);
    }

    [Fact]
    public void InstructionsPerMma_WithoutProducts_IsNone()
    {
        var row = Row(new OpCase("copy", new Activate(Activation.None), [CaseInput.Of(DType.F32, [3, 31])]), 9);
        Assert.Null(row.InstructionsPerMma);
    }

    private static KernelRow Row(OpCase @case, int computeMajor)
    {
        var driver = new VirtualDriver(new VirtualDeviceOptions { ComputeMajor = computeMajor });
        using var runner = CaseRunner.OnGpu(driver);
        return Assert.Single(new CheckReport([runner.Run(@case)], []).Kernels);
    }
}
