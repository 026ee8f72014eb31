using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The activations as device code. Errors: the factor beside x is off by at most 4·2⁻²⁴; NaN goes in and comes out.
/// </summary>
internal static class DeviceActivations
{
    /// <summary>f(x).</summary>
    public static F32 Apply(Activation function, F32 x)
    {
        switch (function)
        {
            case Activation.GeluErf:
                var half = x * 0.5f;
                return Fma(half, Erf(Isa.MulRn(x, 0.70710678f)), half);
            case Activation.GeluTanh:
                var cube = Isa.MulRn(Isa.MulRn(x, x), x);
                var start = x * 0.5f;
                return Fma(start, Tanh(Isa.MulRn(Fma(cube, 0.044715f, x), 0.79788456f)), start);
            case Activation.QuickGelu:
                return x * Sigmoid(Isa.MulRn(x, 1.702f));
            case Activation.Relu:
                return Relu(x);
            case Activation.SquaredRelu:
                var positive = Relu(x);
                return Isa.MulRn(positive, positive);
            case Activation.Silu:
                return x * Sigmoid(x);
            default:
                return x;
        }
    }

    /// <summary>A comparison is false for NaN, which so passes; a maximum would drop it.</summary>
    private static F32 Relu(F32 x) => Select(x < 0f, 0f, x);
}
