using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Normalisations in double precision, with the bounds of an f32 implementation.</summary>
public static class NormReference
{
    private const double U = Expectation.U;

    /// <summary>
    /// The mean is off by its sum's and its own rounding; every difference shifts by that and rounds once; the
    /// variance, and half of that the scale, is off by the roundings of n squares and the squared shift.
    /// </summary>
    public static Expectation LayerNorm(LayerNorm op, HostTensor x, HostTensor weight, HostTensor bias)
    {
        var columns = x.Columns;
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < x.Rows; row++)
        {
            var values = x.Row(row).ToArray();
            var mean = values.Average();
            var variance = values.Average(value => (value - mean) * (value - mean));
            var scale = 1 / Math.Sqrt(variance + op.Epsilon);
            var shift = (Expectation.SumRoundings(columns) + 1) * U * values.Average(Math.Abs);
            var relative = (Expectation.SumRoundings(columns) / 2 + 4) * U + shift * shift * scale * scale;
            for (var i = 0; i < columns; i++)
            {
                var normal = (values[i] - mean) * scale;
                var bound = shift * scale + (relative + 3 * U) * Math.Abs(normal);
                var value = normal * weight.Values[i] + (op.Bias ? bias.Values[i] : 0);
                bound = bound * Math.Abs(weight.Values[i]) + 2 * U * (Math.Abs(value) + Math.Abs(bias.Values[i]));
                expected.Set(row * columns + i, value, bound);
            }
        }

        return expected;
    }

    /// <summary>Half the roundings of n squares, and five of root, quotient and products.</summary>
    public static Expectation RmsNorm(RmsNorm op, HostTensor x, HostTensor weight)
    {
        var columns = x.Columns;
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < x.Rows; row++)
        {
            var values = x.Row(row).ToArray();
            var scale = 1 / Math.Sqrt(values.Average(value => value * value) + op.Epsilon);
            for (var i = 0; i < columns; i++)
            {
                var value = values[i] * scale * weight.Values[i];
                expected.Set(row * columns + i, value,
                    (Expectation.SumRoundings(columns) / 2 + 5) * U * Math.Abs(value));
            }
        }

        return expected;
    }
}
