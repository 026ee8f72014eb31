using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Checks matrix products against double precision.</summary>
/// <remarks>
/// Bound of an element: products of 16-bit factors are exact in f32, all others round once within their multiply-add,
/// so the sum is off by <see cref="Expectation.SumRoundings"/> · u · Σ|x·w|; each step of the epilogue scales what came
/// before and rounds once more; a narrow result rounds once to its type.
/// </remarks>
public abstract class MatMulCases<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    private const double U = Expectation.U;

    /// <summary>Runs a case, checks it and gives the variant that ran.</summary>
    protected string Check(MatMulCase problem)
    {
        var epilogue = problem.Epilogue;
        var operands = new MatMulOperands(problem);
        var inputs = new List<BoundTensor> { Place(operands.X, problem.Gap), Place(operands.W, 0, problem.ByteOffset) };
        if (epilogue.Bias) inputs.Add(Place(operands.Bias));
        if (epilogue.Gate) inputs.Add(Place(operands.Gate));
        if (epilogue.Multiply) inputs.Add(Place(operands.Factor, problem.Gap));
        if (epilogue.Residual) inputs.Add(Place(operands.Residual, problem.Gap));
        var op = new MatMul(epilogue) { OutputType = problem.Out };
        var actual = Run(op, [.. inputs], out var variant);
        Expect(problem, operands).Check(actual, $"{variant} {problem}");
        return variant;
    }

    /// <summary>The result in double precision, with its bounds.</summary>
    protected static Expectation Expect(MatMulCase problem, MatMulOperands operands)
    {
        var (rows, n, k) = (problem.Rows, problem.N, problem.K);
        var expected = new Expectation([rows, n]);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < n; column++)
            {
                double sum = 0, magnitude = 0;
                var a = operands.X.Row(row);
                var b = operands.W.Row(column);
                for (var i = 0; i < k; i++)
                {
                    sum += a[i] * b[i];
                    magnitude += Math.Abs(a[i] * b[i]);
                }

                var bound = Expectation.SumRoundings(k) * U * magnitude;
                var index = (long)row * n + column;
                (sum, bound) = Finish(problem.Epilogue, operands, sum, bound, column, index);
                expected.Set(index, sum, bound);
            }
        }

        return expected.StoredAs(problem.Out);
    }

    private static (double Value, double Bound) Finish(
        Epilogue epilogue, MatMulOperands operands, double value, double bound, int column, long index)
    {
        if (epilogue.Bias)
        {
            value += operands.Bias.Values[column];
            bound += U * (Math.Abs(value) + bound);
        }

        (value, bound) = Reference.Activate(epilogue.Activation, value, bound);
        if (epilogue.Multiply)
        {
            var factor = operands.Factor.Values[index];
            value *= factor;
            bound = bound * Math.Abs(factor) + U * (Math.Abs(value) + bound * Math.Abs(factor));
        }

        if (epilogue.Gate)
        {
            var factor = Math.Tanh(operands.Gate.Values[0]);
            value *= factor;
            bound = bound * factor + 2 * U * Math.Abs(value);
        }

        if (epilogue.Residual)
        {
            value += operands.Residual.Values[index];
            bound += U * (Math.Abs(value) + bound);
        }

        return (value, bound);
    }
}
