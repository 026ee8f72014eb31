using System.Globalization;
using FlamingoGpu.Checks;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// Compares a sample of results with double precision, within bounds built of <see cref="ErrorBound"/>: a shape whose
/// sample is wrong is not measured.
/// </summary>
internal static class SampledCheck
{
    private const double U = ErrorBound.U;
    private const int Columns = 512;

    /// <summary>Throws unless the sample is right.</summary>
    /// <exception cref="FlamingoException">Names shape, element, value and bound.</exception>
    public static void Require(GpuShape shape, GpuOperands operands)
    {
        var rows = operands.Output.Rows;
        foreach (var row in new[] { 0, rows / 3, rows - 1 }.Distinct())
        {
            switch (shape.Op)
            {
                case MatMul:
                    Product(shape, operands, row);
                    break;
                case Attention op:
                    Attend(shape, operands, row, op.Heads, op.HeadDim, op.Scale, isCausal: false, slopes: -1);
                    break;
                case CausalAttention op:
                    var slopes = op.Alibi ? 6 : -1;
                    Attend(shape, operands, row, op.Heads, op.HeadDim, op.Scale, isCausal: true, slopes);
                    break;
                default:
                    Copy(shape, operands, row);
                    break;
            }
        }
    }

    /// <summary>Bound: (roundings(K) + 1)·u·Σ|x·w|, then one rounding to the output's type.</summary>
    private static void Product(GpuShape shape, GpuOperands operands, long row)
    {
        var (_, n, k) = shape.Sizes!.Value;
        var count = Math.Min(n, Columns);
        var actual = operands.Read(row * n, count);
        for (var column = 0; column < count; column++)
        {
            double sum = 0, magnitude = 0;
            for (long i = 0; i < k; i++)
            {
                var term = operands[0, row * k + i] * operands[1, (long)column * k + i];
                sum += term;
                magnitude += Math.Abs(term);
            }

            Require(shape, row, column, actual[column], sum, (ErrorBound.Roundings(k, DType.BF16) + 1) * U * magnitude,
                operands.Output.DType);
        }
    }

    /// <summary>
    /// The bound of attention with 16-bit operands, as derived in the checks, for one head of one query.
    /// </summary>
    private static void Attend(
        GpuShape shape, GpuOperands operands, long row, int heads, int dim, double scale, bool isCausal, int slopes)
    {
        var (q, k) = (operands.Inputs[0].Shape, operands.Inputs[1].Shape);
        var (tokens, width, head) = (q[1], q[2], (int)(row % heads));
        var (first, query) = (row / tokens * k[1], row % tokens);
        var keys = (int)(isCausal ? query + 1 : k[1]);
        var (scores, error) = (new double[keys], 0.0);
        for (var key = 0; key < keys; key++)
        {
            double dot = 0, magnitude = 0;
            for (var d = 0; d < dim; d++)
            {
                var term = operands[0, row * width + head * dim + d] * operands[1,
                    (first + key) * width + head * dim + d];
                dot += term;
                magnitude += Math.Abs(term);
            }

            var bias = slopes < 0 ? 0 : operands[slopes, head] * (key - query);
            scores[key] = dot * scale + bias;
            error = Math.Max(error,
                ErrorBound.Roundings(dim, DType.BF16) * U * magnitude * scale
                + 4 * U * (Math.Abs(scores[key]) + Math.Abs(bias)));
        }

        var largest = scores.Max();
        var weights = Array.ConvertAll(scores, score => Math.Exp(score - largest));
        var total = weights.Sum();
        var relative = 2 * (error + 30 * U) + (ErrorBound.Roundings(keys, DType.BF16) + 8) * U
            + ErrorBound.Roundoff(DType.BF16);
        var actual = operands.Read(row * width + head * dim, dim);
        for (var d = 0; d < dim; d++)
        {
            double sum = 0, magnitude = 0;
            for (var key = 0; key < keys; key++)
            {
                var term = weights[key] / total * operands[2, (first + key) * width + head * dim + d];
                sum += term;
                magnitude += Math.Abs(term);
            }

            Require(shape, row, head * dim + d, actual[d], sum, magnitude * relative, operands.Output.DType);
        }
    }

    private static void Copy(GpuShape shape, GpuOperands operands, long row)
    {
        var columns = operands.Output.Columns;
        var actual = operands.Read(row * columns, (int)Math.Min(columns, Columns));
        for (var i = 0; i < actual.Length; i++) Require(
            shape, row, i, actual[i], operands[0, row * columns + i], 0, DType.F32);
    }

    private static void Require(
        GpuShape shape, long row, long column, double actual, double expected, double bound, DType type)
    {
        var allowed = ErrorBound.Stored(expected, bound, type);
        if (Math.Abs(actual - expected) <= allowed) return;
        throw new FlamingoException(string.Create(
            CultureInfo.InvariantCulture,
                $"{shape.Name}: row {row} column {column} is {actual:G6}, expected {expected:G6} ± {allowed:G3}; "
                + $"not measured"));
    }
}
