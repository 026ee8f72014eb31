using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Products with activations of 16 bits, on devices that have them.</summary>
public abstract class NarrowMatMulConformance<TTarget> : MatMulCases<TTarget>
    where TTarget : IConformanceTarget, new()
{
    private static readonly Epilogue s_everything =
        new(Bias: true, Activation.Silu, Gate: true, Residual: true, Multiply: true);

    [Theory]
    [InlineData(DType.BF16, 1, 129, 2048)]
    [InlineData(DType.BF16, 2, 37, 443)]
    [InlineData(DType.F16, 3, 70, 1032)]
    [InlineData(DType.BF16, 5, 36, 264)]
    [InlineData(DType.F16, 8, 131, 520)]
    public void MatMul_FewRows_IsTheProduct(DType type, int rows, int n, int k)
    {
        var problem = new MatMulCase(rows, n, k) { X = type, W = type, Out = type };
        Assert.StartsWith("gemv_", Check(problem), StringComparison.Ordinal);
        Check(problem with { X = DType.F32 });
        Check(problem with { W = DType.F32 });
        Check(problem with { Epilogue = s_everything, Factor = type, Out = DType.F32, Gap = 8 });
    }

    [Theory]
    [InlineData(DType.BF16, 17, 128, 64)]
    [InlineData(DType.BF16, 17, 72, 8)]
    [InlineData(DType.F16, 33, 130, 200)]
    [InlineData(DType.BF16, 66, 36, 712)]
    [InlineData(DType.F16, 131, 139, 72)]
    [InlineData(DType.BF16, 257, 260, 136)]
    [InlineData(DType.BF16, 40, 72, 588)] // patches of 14×14 pixels: rows of 1176 bytes
    [InlineData(DType.F16, 17, 130, 12)]
    [InlineData(DType.BF16, 33, 36, 20)]
    public void MatMul_ManyRows_TakesTheTensorCores(DType type, int rows, int n, int k)
    {
        var problem = new MatMulCase(rows, n, k) { X = type, W = type, Out = type };
        Assert.Matches("^gemm_(tensor|warpgroup)_", Check(problem));
        var slices = problem with { Epilogue = s_everything, Factor = type, Out = DType.F32, Gap = 8 };
        Assert.Matches("^gemm_(tensor|warpgroup)_", Check(slices));
    }

    [Theory]
    [InlineData(DType.BF16, DType.BF16, 20, 24, 38, 0)] // rows of 76 bytes
    [InlineData(DType.F16, DType.F16, 20, 24, 64, 3)] // odd pitch
    [InlineData(DType.BF16, DType.F16, 20, 24, 64, 0)]
    [InlineData(DType.F32, DType.BF16, 20, 24, 64, 0)]
    [InlineData(DType.BF16, DType.F32, 20, 27, 63, 0)]
    public void MatMul_WhatTheTensorCoresCannotTake_IsTheProduct(DType x, DType w, int rows, int n, int k, int gap)
    {
        var problem = new MatMulCase(rows, n, k) { X = x, W = w, Out = DType.BF16, Gap = gap };
        Assert.StartsWith("gemm_fma_", Check(problem), StringComparison.Ordinal);
        Check(problem with { Epilogue = s_everything, Factor = DType.F16, Out = DType.F16 });
    }

    [Fact]
    public void MatMul_EveryEpilogueOnTensorCores_FinishesTheProduct()
    {
        var problem = new MatMulCase(18, 40, 48) { X = DType.BF16, W = DType.BF16, Out = DType.BF16 };
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var epilogue = new Epilogue(Bias: true, activation, Multiply: activation == Activation.Silu);
            Check(problem with { Factor = DType.BF16, Epilogue = epilogue });
        }
    }
}
