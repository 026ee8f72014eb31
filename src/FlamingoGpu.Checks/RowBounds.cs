using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>Errors of an f32 implementation of the ops that work on rows.</summary>
internal static class RowBounds
{
    private const double U = ErrorBound.U;

    /// <summary>
    /// The mean is off by its sum's and its own rounding; every difference shifts by that and rounds once; the
    /// variance, and half of that the scale, is off by the roundings of n squares and the squared shift.
    /// </summary>
    public static double[] LayerNorm(LayerNorm op, IReadOnlyList<double[]> values, int columns)
    {
        var x = values[0];
        var bounds = new double[x.Length];
        columns /= op.Groups;
        for (var start = 0; start < x.Length; start += columns)
        {
            var group = start / columns % op.Groups;
            var weights = values[1 + group];
            var biases = op.Bias ? values[1 + op.Groups + group] : null;
            var row = x.AsSpan(start, columns).ToArray();
            var mean = row.Average();
            var variance = row.Average(value => (value - mean) * (value - mean));
            var scale = 1 / Math.Sqrt(variance + op.Epsilon);
            var roundings = Math.Min(columns, 8 * Math.Sqrt(columns));
            var shift = (roundings + 1) * U * row.Average(Math.Abs);
            var relative = (roundings / 2 + 4) * U + shift * shift * scale * scale;
            for (var i = 0; i < columns; i++)
            {
                var normal = Math.Abs(row[i] - mean) * scale;
                var (weight, bias) = (Math.Abs(weights[i]), Math.Abs(biases?[i] ?? 0));
                var bound = shift * scale + (relative + 3 * U) * normal;
                bounds[start + i] = bound * weight + 2 * U * (normal * weight + bias);
            }
        }

        return bounds;
    }

    /// <summary>Half the roundings of n squares for the root, and five operations.</summary>
    public static double[] RmsNorm(double[] output, int columns)
    {
        var relative = (Math.Min(columns, 8 * Math.Sqrt(columns)) / 2 + 5) * U;
        return Array.ConvertAll(output, value => relative * Math.Abs(value));
    }

    /// <summary>
    /// One rounding each for x − max, log Σ and the difference; the exponentials are off by 4u and by the rounding of
    /// their argument, at most 100u where they count, and their sum by its roundings.
    /// </summary>
    public static double[] LogSoftmax(double[] x, double[] output, int columns)
    {
        var bounds = new double[x.Length];
        for (var start = 0; start < x.Length; start += columns)
        {
            var row = x.AsSpan(start, columns).ToArray();
            var largest = row.Max();
            var logSum = Math.Log(row.Sum(value => Math.Exp(value - largest)));
            var sum = (Math.Min(columns, 8 * Math.Sqrt(columns)) + 8) * U + 100 * U / columns;
            for (var i = start; i < start + columns; i++)
                bounds[i] = U * (Math.Abs(x[i] - largest) + logSum + Math.Abs(output[i])) + sum;
        }

        return bounds;
    }

    /// <summary>
    /// Those of the log-softmax, and two roundings of the score with the sum added; banned ids are −∞ exactly.
    /// </summary>
    public static double[] BeamScores(IReadOnlyList<double[]> values, double[] output, int columns)
    {
        var logits = new double[output.Length];
        for (var i = 0; i < output.Length; i++) logits[i] = output[i] - values[1][i / columns];
        var bounds = LogSoftmax(values[0], logits, columns);
        for (var i = 0; i < output.Length; i++)
            bounds[i] = double.IsFinite(output[i])
                ? bounds[i] + 2 * U * (Math.Abs(output[i]) + Math.Abs(values[1][i / columns])) : 0;
        return bounds;
    }

    /// <summary>Errors of <see cref="Turn"/>.</summary>
    public static double[] Rotary(Rotary op, IReadOnlyList<double[]> values) =>
        Turn((double[])values[0].Clone(), values[1], op.HeadDim, op.RotaryDims, op.Base);

    /// <summary>
    /// Turns pairs of x [rows, heads · D] in place by the positions of their rows. The f32 angle is off by the
    /// roundings of exponent, power, reciprocal and product; exponent errors are multiplied by ln(base).
    /// </summary>
    /// <returns>The error of an f32 implementation, for each element.</returns>
    public static double[] Turn(double[] x, double[] positions, int headDim, int rotaryDims, double rotaryBase)
    {
        var errors = new double[x.Length];
        var (width, half) = (x.Length / positions.Length, rotaryDims / 2);
        for (var first = 0; first < x.Length; first++)
        {
            var pair = first % headDim;
            if (pair >= half) continue;
            var angle = positions[first / width] * Math.Pow(rotaryBase, -2.0 * pair / rotaryDims);
            var (a, b) = (x[first], x[first + half]);
            var (sine, cosine) = Math.SinCos(angle);
            (x[first], x[first + half]) = (a * cosine - b * sine, b * cosine + a * sine);
            var turn = (4 + Math.Log(rotaryBase) + 4) * U * angle;
            errors[first] = errors[first + half] = (turn + 4 * U) * (Math.Abs(a) + Math.Abs(b));
        }

        return errors;
    }
}
