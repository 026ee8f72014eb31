using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>The activations on vectors.</summary>
internal static class Activations
{
    /// <summary>f(x). The switch goes the same way for a whole tensor, so its branch is predicted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Apply<TLanes>(Activation function, TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        switch (function)
        {
            case Activation.GeluErf:
                return VectorMath.GeluErf(x);
            case Activation.GeluTanh:
                return VectorMath.GeluTanh(x);
            case Activation.QuickGelu:
                return VectorMath.QuickGelu(x);
            case Activation.Relu:
                return VectorMath.Relu(x);
            case Activation.SquaredRelu:
                var positive = VectorMath.Relu(x);
                return positive * positive;
            case Activation.Silu:
                return VectorMath.Silu(x);
            default:
                return x;
        }
    }
}
