namespace FlamingoGpu.Kernels;

/// <summary>Chooses the GPU kernel of a <see cref="MatMul"/> for its shapes, types and alignments.</summary>
internal static class GpuMatMul
{
    public static BoundKernel Bind(GpuKernels kernels, MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var problem = new GpuMatMulProblem(kernels, op, inputs, output);
        return BindFma(problem);
    }

    private static BoundKernel BindFma(GpuMatMulProblem problem)
    {
        var tile = FmaTile.Choose(problem.M, problem.N, problem.Multiprocessors);
        var isVector = GpuAlignment.Allows(problem.X, 4) && GpuAlignment.Allows(problem.W, 4);
        var parts = problem.PartsToFill(tile.Blocks(problem.M, problem.N), 8 * FmaTile.K);
        return problem.Launch(
            epilogue => new GemmFma(problem.X.DType, problem.W.DType, tile, isVector, parts > 1, epilogue),
            parts, FmaTile.K);
    }
}
