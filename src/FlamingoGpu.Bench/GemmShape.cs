namespace FlamingoGpu.Bench;

/// <summary>Sizes of a matrix product y[M, N] = x[M, K] · w[N, K]ᵀ.</summary>
/// <param name="M">Rows of x: tokens.</param>
/// <param name="N">Rows of w: outputs.</param>
/// <param name="K">Columns of both: inputs.</param>
public readonly record struct GemmShape(int M, int N, int K)
{
    /// <summary>Floating-point operations, a multiply-add counting 2.</summary>
    public long Flops => 2L * M * N * K;

    /// <summary>The key in reports: <c>MxNxK</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{M}x{N}x{K}");
}
