using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>One matrix product to check: x [Rows, K] · w [N, K]ᵀ.</summary>
public sealed record MatMulCase(int Rows, int N, int K)
{
    public Epilogue Epilogue { get; init; }

    public DType X { get; init; } = DType.F32;

    public DType W { get; init; } = DType.F32;

    public DType Factor { get; init; } = DType.F32;

    public DType Out { get; init; } = DType.F32;

    /// <summary>Elements between the rows of x, factor and residual.</summary>
    public int Gap { get; init; }

    /// <summary>Where w begins, relative to an aligned address.</summary>
    public int ByteOffset { get; init; }
}
