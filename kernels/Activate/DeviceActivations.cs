using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The activations in device code, as exact as those of the processor.</summary>
internal static class DeviceActivations
{
    /// <summary>f(x); the function is chosen when the kernel is built.</summary>
    public static F32 Apply(Activation function, F32 x) => function switch
    {
        Activation.GeluErf => Half(x, Erf(x * 0.70710678f)),
        Activation.GeluTanh => Half(x, Tanh(0.79788456f * Fma(0.044715f * x * x, x, x))),
        Activation.QuickGelu => x * Sigmoid(x * 1.702f),
        Activation.Relu => Positive(x),
        Activation.SquaredRelu => Positive(x) * Positive(x),
        Activation.Silu => x * Sigmoid(x),
        _ => x,
    };

    /// <summary>½x·(1 + g).</summary>
    private static F32 Half(F32 x, F32 g)
    {
        var half = x * 0.5f;
        return Fma(half, g, half);
    }

    /// <summary>max(x, 0), but NaN stays NaN.</summary>
    private static F32 Positive(F32 x) => Select(x < 0f, 0f, x);
}
