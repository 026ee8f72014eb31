using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Rotary embedding in double precision, with the bound of an implementation whose angles are f32.</summary>
public static class RotaryReference
{
    /// <summary>
    /// The f32 angle is off by the roundings of exponent, power, reciprocal and product; exponent errors are multiplied
    /// by ln(base^e) ≤ 9.3. Sine, cosine and their products add 4u.
    /// </summary>
    public static Expectation Expect(Rotary op, HostTensor x, int[] positions)
    {
        var expected = new Expectation(x.Shape);
        for (long i = 0; i < x.Values.Length; i++) expected.Set(i, x.Values[i], 0);
        var half = op.RotaryDims / 2;
        for (var row = 0; row < positions.Length; row++)
        {
            for (var pair = 0; pair < op.Heads * half; pair++)
            {
                var first = (long)row * op.Heads * op.HeadDim + pair / half * op.HeadDim + pair % half;
                var angle = positions[row] * Math.Pow(op.Base, -2.0 * (pair % half) / op.RotaryDims);
                var (a, b) = (x.Values[first], x.Values[first + half]);
                var (sine, cosine) = Math.SinCos(angle);
                var turn = (4 + 9.3) * Expectation.U * angle;
                var bound = (turn + 4 * Expectation.U) * (Math.Abs(a) + Math.Abs(b));
                expected.Set(first, a * cosine - b * sine, bound);
                expected.Set(first + half, b * cosine + a * sine, bound);
            }
        }

        return expected;
    }
}
