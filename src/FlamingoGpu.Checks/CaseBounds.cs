using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Checks;

/// <summary>
/// How far a device may be from the cpu, element by element. Both may be off from the true value by the error of an f32
/// implementation, so the bounds are twice that, plus what only the device does: rounding the result, and in attention
/// the probabilities, to 16 bits. Ops that only move elements are exact.
/// </summary>
internal sealed class CaseBounds(CpuDevice cpu, IKernelLibrary kernels)
{
    private const double U = ErrorBound.U;

    /// <summary>The bound of each element of the output.</summary>
    /// <param name="case">The case.</param>
    /// <param name="values">Its operands.</param>
    /// <param name="output">What the cpu gave.</param>
    public double[] Of(OpCase @case, IReadOnlyList<double[]> values, double[] output)
    {
        var bounds = @case.Op switch
        {
            MatMul op => MatMul(@case, op, values),
            NormedMatMul => NormedProduct(NormedCase.Of(@case), values),
            Activate op => Map(values[0], x => Activation(op.Function, x, 0)),
            LayerNorm op => RowBounds.LayerNorm(op, values, (int)@case.Inputs[0].Type.Shape[^1]),
            RmsNorm => RowBounds.RmsNorm(output, (int)@case.Inputs[0].Type.Shape[^1]),
            LogSoftmax => RowBounds.LogSoftmax(values[0], output, (int)@case.Inputs[0].Type.Shape[^1]),
            BeamScores => RowBounds.BeamScores(values, output, (int)@case.Inputs[0].Type.Shape[^1]),
            Rotary op => RowBounds.Rotary(op, values),
            Attention or CausalAttention or LatentAttention or MediaCrossAttention => AttentionBounds.Of(@case, values),
            // one product or quotient
            ProcessLogits => Map(output, value => double.IsFinite(value) ? U * Math.Abs(value) : 0),
            _ => new double[output.Length],
        };
        var type = @case.OutputType.DType;
        for (var i = 0; i < bounds.Length; i++) bounds[i] = ErrorBound.Stored(output[i], 2 * bounds[i], type);
        return bounds;
    }

    /// <summary>
    /// The bound of an operand that the op writes: 0 where elements only move; turned keys in a cache as wide as
    /// <see cref="RowBounds.Turn"/> of the largest key, and one rounding to their type.
    /// </summary>
    public static double[] OfWritten(OpCase @case, IReadOnlyList<double[]> values, int input, double[] written)
    {
        var bounds = new double[written.Length];
        if (input != 3 || @case.Op is not CausalAttention { RotaryDims: > 0 } op) return bounds;
        var keys = (double[])values[1].Clone();
        var positions = AttentionBounds.Positions(@case, values);
        var error = 2 * RowBounds.Turn(keys, positions, op.HeadDim, op.RotaryDims, op.RotaryBase).Max();
        var type = @case.Inputs[input].Type.DType;
        for (var i = 0; i < bounds.Length; i++) bounds[i] = ErrorBound.Stored(written[i], error, type);
        return bounds;
    }

    /// <summary>
    /// δ = (roundings(K) + 1)·u·(Σ|x·w| + |bias|) before the activation, <see cref="Activation"/> behind it; |tanh| ≤ 1
    /// off by 4u, then one rounding each for the factor, the gate and the residual; both devices take the same factor.
    /// The sums of magnitudes are the same product of absolute values. An x that is off by some bound itself adds
    /// Σ|bound·w| to δ.
    /// </summary>
    private double[] MatMul(OpCase @case, MatMul op, IReadOnlyList<double[]> values, double[]? xBounds = null)
    {
        var (x, w) = (@case.Inputs[0].Type, @case.Inputs[1].Type);
        var columns = (int)w.Shape[0];
        double[][] magnitudes = [Map(values[0], Math.Abs), Map(values[1], Math.Abs)];
        var plain = new OpCase("", new MatMul(default), [new CaseInput(x), new CaseInput(w)]);
        var inherited = xBounds is null
            ? null : CaseRun.Of(plain, [xBounds, magnitudes[1]], cpu, kernels, isWide: true).Output;
        var sums = CaseRun.Of(plain, magnitudes, cpu, kernels, isWide: true).Output;
        var roundings = ErrorBound.Roundings(w.Shape[1], x.DType) + 1;
        for (var i = 0; i < sums.Length; i++)
        {
            var largest = sums[i] + (op.BiasInput < 0 ? 0 : Math.Abs(values[op.BiasInput][i % columns]));
            var off = inherited?[i] ?? 0;
            largest += off;
            var bound = Activation(op.Epilogue.Activation, largest, roundings * U * largest + off);
            if (op.FactorInput >= 0)
            {
                var factor = Math.Abs(values[op.FactorInput][i]);
                (largest, bound) = (largest * factor, bound * factor + U * largest * factor);
            }

            if (op.GateInput >= 0) bound += 5 * U * largest;
            if (op.ResidualInput >= 0) bound += U * (largest + Math.Abs(values[op.ResidualInput][i]));
            sums[i] = bound;
        }

        return sums;
    }

    /// <summary>
    /// The product's, of rows that are off by the normalisation's bound, and by half the rounding to their type: only
    /// one of the two devices rounds them, and all bounds are doubled.
    /// </summary>
    private double[] NormedProduct(NormedCase pair, IReadOnlyList<double[]> values)
    {
        double[][] normValues = [.. values.Take(pair.Norm.Inputs.Count)];
        var normed = CaseRun.Of(pair.Norm, normValues, cpu, kernels, isWide: true).Output;
        var columns = (int)pair.Norm.Inputs[0].Type.Shape[^1];
        var bounds = pair.Norm.Op is LayerNorm op
            ? RowBounds.LayerNorm(op, normValues, columns) : RowBounds.RmsNorm(normed, columns);
        for (var i = 0; i < bounds.Length; i++)
            bounds[i] = ErrorBound.Stored(normed[i], 2 * bounds[i], pair.Norm.OutputType.DType) / 2;
        return MatMul(pair.Product, (MatMul)pair.Product.Op, pair.ProductValues(normed, values), bounds);
    }

    /// <summary>
    /// Slope (at most 1.13 for the GELUs, 1.1 for x·σ, 2|x| for the square) times the argument's error, plus the
    /// function's own roundings: the smooth ones multiply x by a factor in 0 … 1 that is off by at most 4u absolutely,
    /// or by the rounding of its argument.
    /// </summary>
    private static double Activation(Activation function, double x, double bound) => function switch
    {
        Kernels.Activation.None or Kernels.Activation.Relu => bound,
        Kernels.Activation.SquaredRelu => bound * (2 * Math.Abs(x) + bound) + U * x * x,
        _ => 1.13 * bound + 6 * U * Math.Abs(x),
    };

    private static double[] Map(double[] values, Func<double, double> function) =>
        Array.ConvertAll(values, value => function(value));
}
