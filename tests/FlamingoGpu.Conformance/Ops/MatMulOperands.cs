namespace FlamingoGpu.Conformance.Ops;

/// <summary>Random operands of a case; those its epilogue does not ask for are there all the same.</summary>
public sealed class MatMulOperands(MatMulCase problem)
{
    public HostTensor X { get; } = HostTensor.Uniform(problem.Rows + 1, [problem.Rows, problem.K], dtype: problem.X);

    public HostTensor W { get; } = HostTensor.Uniform(problem.N + 2, [problem.N, problem.K], dtype: problem.W);

    public HostTensor Bias { get; } = HostTensor.Uniform(3, [problem.N]);

    public HostTensor Gate { get; } = HostTensor.Of([1], 0.7);

    public HostTensor Residual { get; } = HostTensor.Uniform(4, [problem.Rows, problem.N]);

    public HostTensor Factor { get; } = HostTensor.Uniform(5, [problem.Rows, problem.N], dtype: problem.Factor);
}
