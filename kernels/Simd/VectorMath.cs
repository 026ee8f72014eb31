// Elementary functions on f32 lanes, written once for every vector width.
//
// Error bounds, in units in the last place of the exact result, checked against double-precision references by the
// conformance tests: Exp 1.5 (results below 2^-126 round once more), Erf 1.5, Tanh 2, Sigmoid 2.5. Coefficients are
// weighted least-maximum fits computed for this file. NaN goes in and comes out.

using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>exp, erf, tanh and the activations built on them.</summary>
internal static class VectorMath
{
    /// <summary>e^x. The argument splits into n·ln 2 + r, |r| ≤ ln 2 / 2; overflow gives infinity, underflow 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        x = TLanes.Min(TLanes.All(89f), TLanes.Max(TLanes.All(-104f), x));
        var n = TLanes.Round(x * TLanes.All(1.44269504f));
        var r = TLanes.MultiplyAdd(n, TLanes.All(-0.693359375f), x);
        r = TLanes.MultiplyAdd(n, TLanes.All(2.12194440e-4f), r);
        var p = TLanes.MultiplyAdd(TLanes.All(0.0013814562698826194f), r, TLanes.All(0.00836873147636652f));
        p = TLanes.MultiplyAdd(p, r, TLanes.All(0.04166838899254799f));
        p = TLanes.MultiplyAdd(p, r, TLanes.All(0.1666652113199234f));
        p = TLanes.MultiplyAdd(p, r, TLanes.All(0.4999999403953552f));
        p = TLanes.MultiplyAdd(p, r * r, r) + TLanes.All(1f);

        // 2^n in two factors: n reaches 128 and −150, outside the exponents of normal floats.
        var half = TLanes.Round(n * TLanes.All(0.5f));
        return p * TLanes.PowerOfTwo(half) * TLanes.PowerOfTwo(n - half);
    }

    /// <summary>
    /// The error function: x·P(x²) below 1, 1 − exp(−Q(|x|)) above, where Q fits −log erfc and 1 − 2⁻²⁵ is reached at 4.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Erf<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var z = x * x;
        var p = TLanes.MultiplyAdd(TLanes.All(7.853846909711137e-05f), z, TLanes.All(-0.0008010189048945904f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(0.00518832728266716f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(-0.026853810995817184f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(0.1128358542919159f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(-0.3761262595653534f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(0.12837916612625122f));
        var near = TLanes.MultiplyAdd(p, x, x);

        var t = TLanes.Min(TLanes.All(4f), TLanes.Abs(x));
        var q = TLanes.MultiplyAdd(TLanes.All(2.1424229998956434e-05f), t, TLanes.All(-0.00043810790521092713f));
        q = TLanes.MultiplyAdd(q, t, TLanes.All(0.004187926184386015f));
        q = TLanes.MultiplyAdd(q, t, TLanes.All(-0.02516166679561138f));
        q = TLanes.MultiplyAdd(q, t, TLanes.All(0.10834195464849472f));
        q = TLanes.MultiplyAdd(q, t, TLanes.All(0.6332939267158508f));
        q = TLanes.MultiplyAdd(q, t, TLanes.All(1.1295394897460938f));
        q = TLanes.MultiplyAdd(q, t, TLanes.All(-0.00017943418060895056f));
        var far = TLanes.CopySign(TLanes.All(1f) - Exp(TLanes.Zero - q), x);
        return TLanes.IfLess(TLanes.Abs(x), TLanes.All(1f), near, far);
    }

    /// <summary>Hyperbolic tangent: x + x³·P(x²) below 0.65, 1 − 2/(e^(2|x|) + 1) above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Tanh<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var z = x * x;
        var p = TLanes.MultiplyAdd(TLanes.All(-0.0055151269771158695f), z, TLanes.All(0.020469380542635918f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(-0.05368800833821297f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(0.1333083063364029f));
        p = TLanes.MultiplyAdd(p, z, TLanes.All(-0.3333325982093811f));
        var near = TLanes.MultiplyAdd(p * z, x, x);

        var one = TLanes.All(1f);
        var t = TLanes.Abs(x);
        var far = TLanes.CopySign(one - TLanes.All(2f) / (Exp(t + t) + one), x);
        return TLanes.IfLess(t, TLanes.All(0.65f), near, far);
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Sigmoid<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var one = TLanes.All(1f);
        return one / (one + Exp(TLanes.Zero - x));
    }

    /// <summary>x·Φ(x) through the error function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes GeluErf<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var half = x * TLanes.All(0.5f);
        return TLanes.MultiplyAdd(half, Erf(x * TLanes.All(0.70710678f)), half);
    }

    /// <summary>½x·(1 + tanh(√(2/π)·(x + 0.044715x³))).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes GeluTanh<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var inner = TLanes.All(0.79788456f) * TLanes.MultiplyAdd(TLanes.All(0.044715f) * x * x, x, x);
        var half = x * TLanes.All(0.5f);
        return TLanes.MultiplyAdd(half, Tanh(inner), half);
    }

    /// <summary>x·σ(1.702x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes QuickGelu<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => x * Sigmoid(x * TLanes.All(1.702f));

    /// <summary>x·σ(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Silu<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => x * Sigmoid(x);

    /// <summary>max(x, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Relu<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Max(TLanes.Zero, x);
}
