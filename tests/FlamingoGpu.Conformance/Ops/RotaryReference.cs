using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Rotary embedding in double precision, with the bound of an implementation whose angles are f32.</summary>
public static class RotaryReference
{
    /// <summary>All heads of all rows.</summary>
    public static Expectation Expect(Rotary op, HostTensor x, int[] positions)
    {
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < positions.Length; row++)
        {
            for (var head = 0; head < op.Heads; head++)
            {
                var (values, bounds) = Turn(
                    x.Row(row).Slice(head * op.HeadDim, op.HeadDim), op.RotaryDims, positions[row], op.Base);
                for (var i = 0; i < op.HeadDim; i++)
                    expected.Set(((long)row * op.Heads + head) * op.HeadDim + i, values[i], bounds[i]);
            }
        }

        return expected;
    }

    /// <summary>
    /// One head: elements i and i + R/2 turn by position · base^(−2i/R). The f32 angle is off by the roundings of
    /// exponent, power, reciprocal and product; exponent errors are multiplied by ln(base^e) ≤ 9.3. Sine, cosine and
    /// their products add 4u.
    /// </summary>
    public static (double[] Values, double[] Bounds) Turn(
        ReadOnlySpan<double> head, int rotaryDims, int position, double frequencyBase = 10000)
    {
        var values = head.ToArray();
        var bounds = new double[head.Length];
        var half = rotaryDims / 2;
        for (var i = 0; i < half; i++)
        {
            var angle = position * Math.Pow(frequencyBase, -2.0 * i / rotaryDims);
            var (sine, cosine) = Math.SinCos(angle);
            var (a, b) = (head[i], head[i + half]);
            (values[i], values[i + half]) = (a * cosine - b * sine, b * cosine + a * sine);
            bounds[i] = bounds[i + half] = ((4 + 9.3) * angle + 4) * Expectation.U * (Math.Abs(a) + Math.Abs(b));
        }

        return (values, bounds);
    }
}
