using FlamingoGpu.Core;

namespace FlamingoGpu.Checks;

/// <summary>The pieces every error bound is made of.</summary>
/// <remarks>
/// u = 2^-24 is the rounding of one f32 operation. A sum of n terms rounds at most n times, by u·Σ|term| each; errors
/// of random sign grow like √n, so min(n, 8·√n)·u·Σ|term| is used (8 standard deviations). A tensor core truncates
/// instead: each step of 4 products (the finest any generation has) may lose one unit 2^-23 = 2u of the partial sum,
/// always downwards, so its share is n/4·2u·Σ|term| where that is larger.
/// </remarks>
public static class ErrorBound
{
    /// <summary>Unit roundoff of f32.</summary>
    public const double U = 1.0 / (1 << 24);

    /// <summary>Roundings of a sum of n terms, in units of u·Σ|term|.</summary>
    /// <param name="n">Terms.</param>
    /// <param name="type">Type of the factors: 16-bit ones may go through tensor cores.</param>
    public static double Roundings(long n, DType type)
    {
        var random = Math.Min(n, 8 * Math.Sqrt(n));
        return type == DType.F32 ? random : Math.Max(random, n / 2.0);
    }

    /// <summary>Largest relative error of rounding once to a type.</summary>
    public static double Roundoff(DType type) => type switch
    {
        DType.BF16 => 1.0 / (1 << 8),
        DType.F16 => 1.0 / (1 << 11),
        _ => U,
    };

    /// <summary>A bound widened by one rounding of the result to <paramref name="type"/>.</summary>
    public static double Stored(double value, double bound, DType type) => type switch
    {
        DType.F32 => bound,
        // half the smallest subnormal
        DType.F16 => bound + Roundoff(type) * (Math.Abs(value) + bound) + Math.ScaleB(1, -25),
        _ => bound + Roundoff(type) * (Math.Abs(value) + bound),
    };
}
