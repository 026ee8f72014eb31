using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance;

/// <summary>What an op must give: values in double precision and, for each, the largest error its formula allows.</summary>
/// <remarks>
/// u = 2^-24 is the rounding of one f32 operation. A sum of n terms rounds at most n times, by u·Σ|term| each; rounding
/// errors of random sign grow like √n, so the bound used is min(n, 8·√n)·u·Σ|term| (8 standard deviations).
/// </remarks>
public sealed class Expectation(Shape shape)
{
    /// <summary>Unit roundoff of f32.</summary>
    public const double U = 1.0 / (1 << 24);

    public Shape Shape { get; } = shape;

    public double[] Values { get; } = new double[shape.ElementCount];

    public double[] Bounds { get; } = new double[shape.ElementCount];

    /// <summary>Roundings of a sum of n terms, in units of u·Σ|term|.</summary>
    public static double SumRoundings(long n) => Math.Min(n, 8 * Math.Sqrt(n));

    /// <summary>Unit roundoff of a type: the largest relative error of rounding once to nearest.</summary>
    public static double Roundoff(DType type) => type switch
    {
        DType.BF16 => 1.0 / (1 << 8),
        DType.F16 => 1.0 / (1 << 11),
        _ => U,
    };

    /// <summary>Widens the bounds by one rounding of the result to <paramref name="type"/>.</summary>
    public Expectation StoredAs(DType type)
    {
        if (type == DType.F32) return this;
        var tiny = type == DType.F16 ? Math.ScaleB(1, -25) : 0; // half the smallest subnormal
        for (var i = 0; i < Values.Length; i++)
            Bounds[i] += Roundoff(type) * (Math.Abs(Values[i]) + Bounds[i]) + tiny;
        return this;
    }

    public void Set(long index, double value, double bound) => (Values[index], Bounds[index]) = (value, bound);

    /// <summary>Fails with the worst element unless every value lies within its bound.</summary>
    public void Check(ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(Values.Length, actual.Length);
        var worst = -1;
        var worstRatio = 1.0;
        double maxAbsolute = 0, maxRelative = 0, maxUlp = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            var error = Math.Abs(actual[i] - Values[i]);
            maxAbsolute = Math.Max(maxAbsolute, error);
            if (Values[i] != 0) maxRelative = Math.Max(maxRelative, error / Math.Abs(Values[i]));
            maxUlp = Math.Max(maxUlp, error / Ulp(Values[i]));
            var ratio = error == 0 ? 0 : error / Bounds[i];
            if (ratio > worstRatio || double.IsNaN(ratio))
            {
                worst = i;
                worstRatio = double.IsNaN(ratio) ? double.PositiveInfinity : ratio;
            }
        }

        if (worst < 0) return;
        Assert.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: element {worst} of {Shape} is {actual[worst]:G9}, expected {Values[worst]:G9} ± {Bounds[worst]:G3} "
            + $"({worstRatio:G3} times the bound). Over all elements: max absolute error {maxAbsolute:G3}, max relative {maxRelative:G3}, max {maxUlp:G3} ULP."));
    }

    private static double Ulp(double value) =>
        Math.ScaleB(1, Math.Max(-126, value == 0 ? -126 : Math.ILogB(value)) - 23);
}
