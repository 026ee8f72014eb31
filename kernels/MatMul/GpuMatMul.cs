using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>Chooses the GPU kernel of a <see cref="MatMul"/> for its shapes, types and alignments.</summary>
internal static class GpuMatMul
{
    private const int FewRows = 32; // up to here reading w takes the time, and tiles of few rows read it best
    private const int WarpsToFill = 8; // a multiprocessor, to have 32 KB of weights under way

    public static BoundKernel Bind(GpuKernels kernels, MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var problem = new GpuMatMulProblem(kernels, op, inputs, output);
        return GemvTensorCore.Fits(problem.X, problem.W) ? BindGemvTensorCore(problem)
            : problem.M <= Gemv.MaxRows ? BindGemv(problem)
            : GemmTensorCore.PieceFor(problem.X, problem.W) is var piece and > 0 ? BindTensorCore(problem, piece)
            : BindFma(problem);
    }

    /// <summary>
    /// True for one row, or few that tensor cores do not take, whose normalised values fit the shared memory of a
    /// block.
    /// </summary>
    public static bool Fuses(NormedMatMul op, ReadOnlySpan<BoundTensor> inputs)
    {
        var x = inputs[0];
        return x.Rows is > 0 and <= Gemv.MaxRows
            && op.Norm is LayerNorm { Groups: 1 } or RmsNorm
            && !GemvTensorCore.Fits(Normed(op, inputs), inputs[op.NormInputs])
            && GemvNorm.Fits(new TensorType(op.Norm.OutputType, x.Shape));
    }

    /// <summary>Ties a product of few rows that normalises them itself.</summary>
    public static BoundKernel Bind(
        GpuKernels kernels, NormedMatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        if (!Fuses(op, inputs))
            throw new NotSupportedException($"gpu: there is no kernel for {op.Name} of {inputs[0].Type}.");
        var normed = Normed(op, inputs);
        var problem = new GpuMatMulProblem(kernels, op.Product, op.ProductInputs(normed, inputs), output)
        {
            XArguments = GemvNorm.Arguments(op, inputs),
        };
        return BindGemv(problem, GemvNorm.Of(op, inputs));
    }

    /// <summary>The normalised rows; in shared memory, where they fit any access.</summary>
    private static BoundTensor Normed(NormedMatMul op, ReadOnlySpan<BoundTensor> inputs) =>
        new(0, op.Norm.OutputType, inputs[0].Shape);

    private static BoundKernel BindGemvTensorCore(GpuMatMulProblem problem) => problem.Launch(
        epilogue => new GemvTensorCore(
            problem.X.DType, problem.M, GemvTensorCore.AheadFor(problem.K), epilogue with { Width = 1 }),
        1, 1);

    private static BoundKernel BindTensorCore(GpuMatMulProblem problem, int piece)
    {
        if (piece == 8 && problem.M > FewRows && problem.UsesWarpgroups) return BindWarpgroup(problem);
        var (tile, parts) = GemmTiles.Choose(problem.M, problem.N, problem.K, problem.Multiprocessors);
        var isWhole = problem.K % tile.K == 0;
        return problem.Launch(
            epilogue => new GemmTensorCore(problem.X.DType, tile, piece, isWhole, parts > 1, epilogue), parts, tile.K);
    }

    private static BoundKernel BindWarpgroup(GpuMatMulProblem problem)
    {
        var (tile, parts) = WarpgroupTiles.Choose(problem.M, problem.N, problem.K, problem.Multiprocessors);
        var isWhole = problem.K % tile.K == 0;
        return problem.Launch(
            epilogue => new GemmWarpgroup(problem.X.DType, tile, isWhole, parts > 1, epilogue), parts, tile.K);
    }

    private static BoundKernel BindGemv(GpuMatMulProblem problem, GemvNorm? norm = null)
    {
        var (x, w) = (problem.X, problem.W);
        var widest = (int)Math.Max(x.DType.ByteSize(1), w.DType.ByteSize(1));
        var piece = 16 / widest;
        if (!RowAlignment.Allows(piece, x, w)) piece = 1;

        // Warps share rows of w where there are too few rows to fill the device, as long as none loads less ahead.
        var slices = 1;
        var warps = problem.N / Gemv.WeightRows(problem.M);
        var wanted = Math.Min(Gemv.Warps, WarpsToFill * problem.Multiprocessors / Math.Max(1, warps));
        int Ahead(int slices) => Gemv.AheadFor(problem.M, w.DType, piece, slices, problem.K);
        var ahead = Ahead(slices);
        while (2 * slices <= wanted && ahead > 0 && Ahead(2 * slices) == ahead) slices *= 2;
        return problem.Launch(
            epilogue => new Gemv(x.DType, w.DType, problem.M, piece, ahead, slices, epilogue with { Width = 1 }, norm),
            1, 32 * piece);
    }

    private static BoundKernel BindFma(GpuMatMulProblem problem)
    {
        var tile = FmaTile.Choose(problem.M, problem.N, problem.Multiprocessors);
        var isVector = RowAlignment.Allows(4, problem.X, problem.W);
        var parts = problem.PartsToFill(tile.Blocks(problem.M, problem.N), 8 * FmaTile.K);
        return problem.Launch(
            epilogue => new GemmFma(problem.X.DType, problem.W.DType, tile, isVector, parts > 1, epilogue),
            parts, FmaTile.K);
    }
}
