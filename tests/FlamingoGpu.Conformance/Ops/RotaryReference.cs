namespace FlamingoGpu.Conformance.Ops;

/// <summary>Rotary embedding of one head in double precision, with the bound of an f32 implementation.</summary>
public static class RotaryReference
{
    /// <summary>
    /// Turns elements i and i + R/2 by position · 10000^(−2i/R). The f32 angle is off by the roundings of exponent, power,
    /// reciprocal and product; errors of the exponent are multiplied by ln(base^e) ≤ 9.3. Sine, cosine, two products and
    /// a sum round 4 times more.
    /// </summary>
    public static (double[] Values, double[] Bounds) Turn(ReadOnlySpan<double> head, int rotaryDims, int position)
    {
        var values = head.ToArray();
        var bounds = new double[head.Length];
        var half = rotaryDims / 2;
        for (var i = 0; i < half; i++)
        {
            var angle = position * Math.Pow(10000, -2.0 * i / rotaryDims);
            var (sine, cosine) = Math.SinCos(angle);
            var (a, b) = (head[i], head[i + half]);
            (values[i], values[i + half]) = (a * cosine - b * sine, b * cosine + a * sine);
            bounds[i] = bounds[i + half] = ((4 + 9.3) * angle + 4) * Expectation.U * (Math.Abs(a) + Math.Abs(b));
        }

        return (values, bounds);
    }
}
