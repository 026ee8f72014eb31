using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>Elementary functions in double precision and how far f32 kernels may be from them.</summary>
public static class Reference
{
    private const double U = Expectation.U;

    /// <summary>erf by its series below 3 and by the continued fraction of erfc above; both converge to double precision.</summary>
    public static double Erf(double x)
    {
        var t = Math.Abs(x);
        if (t < 3)
        {
            double term = t, sum = t;
            for (var n = 1; Math.Abs(term) > 1e-18 * sum; n++)
            {
                term *= -t * t / n;
                sum += term / (2 * n + 1);
                if (n > 200) break;
            }

            return Math.CopySign(2 / Math.Sqrt(Math.PI) * sum, x);
        }

        var fraction = t;
        for (var n = 60; n > 0; n--) fraction = t + n / 2.0 / fraction;
        return Math.CopySign(1 - Math.Exp(-t * t) / Math.Sqrt(Math.PI) / fraction, x);
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static double Activate(Activation function, double x) => function switch
    {
        Activation.GeluErf => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
        Activation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        Activation.QuickGelu => x * Sigmoid(1.702 * x),
        Activation.Relu => Math.Max(x, 0),
        Activation.SquaredRelu => Math.Max(x, 0) * Math.Max(x, 0),
        Activation.Silu => x * Sigmoid(x),
        _ => x,
    };

    /// <summary>
    /// Value and bound of an activation of an inexact argument: slope (at most 1.13 for the GELUs, 1.1 for x·σ, 2|x| for
    /// the square) times the argument's error, plus the function's own roundings: the smooth ones multiply x by a factor
    /// in 0 … 1 that is off by at most 4u absolutely, or by the rounding of its argument.
    /// </summary>
    public static (double Value, double Bound) Activate(Activation function, double x, double bound)
    {
        var value = Activate(function, x);
        return function switch
        {
            Activation.None or Activation.Relu => (value, bound),
            Activation.SquaredRelu => (value, bound * (2 * Math.Abs(x) + bound) + U * value),
            _ => (value, 1.13 * bound + 6 * U * Math.Abs(x)),
        };
    }
}
