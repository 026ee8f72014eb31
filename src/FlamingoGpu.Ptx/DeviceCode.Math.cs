using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class DeviceCode
{
    /// <summary>The smaller (the number, if the other is NaN).</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Min(F32 a, F32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Min(a, b, line, file);

    /// <summary>The larger (the number, if the other is NaN).</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Max(F32 a, F32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Max(a, b, line, file);

    /// <summary>The smaller.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Min(S32 a, S32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Min(a, b, line, file);

    /// <summary>The larger.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Max(S32 a, S32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Max(a, b, line, file);

    /// <summary>The smaller.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Min(U32 a, U32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Min(a, b, line, file);

    /// <summary>The larger.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Max(U32 a, U32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Max(a, b, line, file);

    /// <summary>The magnitude.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Abs(F32 x,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Abs(x, line, file);

    /// <summary>a·b + c, rounded once.</summary>
    /// <param name="a">Factor.</param>
    /// <param name="b">Factor.</param>
    /// <param name="c">Summand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Fma(F32 a, F32 b, F32 c,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.FmaRn(a, b, c, line, file);

    /// <summary>One of two values; both are computed.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Select(Pred condition, F32 then, F32 otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Selp(then, otherwise, condition, line, file);

    /// <summary>One of two values; both are computed.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Select(Pred condition, S32 then, S32 otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Selp(then, otherwise, condition, line, file);

    /// <summary>One of two values; both are computed.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Select(Pred condition, U32 then, U32 otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Selp(then, otherwise, condition, line, file);

    /// <summary>One of two values; both are computed.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 Select(Pred condition, S64 then, S64 otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Selp(then, otherwise, condition, line, file);

    /// <summary>One of two values; both are computed.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 Select(Pred condition, U64 then, U64 otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Selp(then, otherwise, condition, line, file);

    /// <summary>One of two values; both are computed.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 Select(Pred condition, B32 then, B32 otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Selp(then, otherwise, condition, line, file);

    /// <summary>√x, rounded once.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Sqrt(F32 x,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.SqrtRn(x, line, file);

    /// <summary>1/√x within 2⁻²²·⁹ relative; one instruction.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Rsqrt(F32 x,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.RsqrtApproxFtz(x, line, file);

    /// <summary>1/x within 1 ulp; one instruction.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Rcp(F32 x,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.RcpApproxFtz(x, line, file);

    /// <summary>2ˣ; one instruction. −∞ gives 0.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Exp2(F32 x,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Ex2ApproxFtz(x, line, file);

    /// <summary>log₂ x; one instruction.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Log2(F32 x,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.Lg2ApproxFtz(x, line, file);

    /// <summary>eˣ within a few ulp over the whole range; one <c>ex2</c> and eight short instructions.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Exp(F32 x, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(Exp), line, file);
        // x·log₂e as a rounded head and the rest it lost; 2ʰ⁺ʳ = 2ʰ·(1 + r·ln 2). The clamp keeps −∞ out of h, and where
        // 2ʰ is infinite the correction would be ∞ − ∞. Comparisons are false for NaN, which so passes through; a minimum
        // would drop it.
        var raised = Select(x < -104f, -104f, x);
        var head = Isa.MulRn(raised, 1.44269504f);
        var rest = Fma(raised, 1.9259630e-8f, Fma(raised, 1.44269504f, -head));
        var power = Exp2(head);
        return Select(head >= 128f, float.PositiveInfinity, Fma(power, Isa.MulRn(rest, 0.69314718f), power));
    }

    /// <summary>ln x; one <c>lg2</c> and a product.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Log(F32 x, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.MulRn(Log2(x, line, file), 0.69314718f, line, file);

    /// <summary>1/(1 + e⁻ˣ), the logistic function.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Sigmoid(F32 x, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(Sigmoid), line, file);
        return Rcp(Isa.AddRn(Exp(-x), 1f));
    }

    /// <summary>tanh x within 2 ulp; for bf16 results <see cref="Isa.TanhApprox"/> is one instruction.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Tanh(F32 x, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(Tanh), line, file);
        // Below 0.625 an odd polynomial (a Chebyshev fit), above it 1 − 2/(e²ˣ + 1), which has no cancellation there.
        var square = Isa.MulRn(x, x);
        var small = Fma(Isa.MulRn(square, x), Polynomial(square, s_tanh), x);
        var magnitude = Abs(x);
        var large = Fma(Rcp(Isa.AddRn(Exp(Isa.AddRn(magnitude, magnitude)), 1f)), -2f, 1f);
        return Select(magnitude < 0.625f, small, CopySign(large, x));
    }

    /// <summary>The error function within 2⁻²³ absolute: what the exact GELU is made of.</summary>
    /// <param name="x">The number.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Erf(F32 x, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(Erf), line, file);
        // Below 1 an odd polynomial; above, 1 − 2ᵖ with p(x) ≈ log₂ erfc(x), flat 1 from 4 on. Both are Chebyshev fits.
        var small = Isa.MulRn(x, Polynomial(Isa.MulRn(x, x), s_erf));
        var magnitude = Abs(x);
        var power = Exp2(Polynomial(Isa.AddRn(Select(magnitude > 4f, 4f, magnitude), -2.5f), s_log2Erfc));
        return Select(magnitude < 1f, small, CopySign(Isa.SubRn(1f, power), x));
    }

    /// <summary>The first number's magnitude with the second's sign.</summary>
    /// <param name="magnitude">Gives all bits but the sign.</param>
    /// <param name="sign">Gives the sign.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 CopySign(F32 magnitude, F32 sign,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        // Where the mask is set take the sign, else the magnitude: (mask & sign) | (~mask & magnitude). The constant
        // stands last, where other compilers write theirs.
        var bits = Isa.Lop3(
            sign.AsB32(line, file), magnitude.AsB32(line, file), 0x80000000u, (0xAA & 0xF0) | (0x55 & 0xCC),
            line, file);
        return bits.AsF32(line, file);
    }

    private static readonly float[] s_tanh =
        [-0.33333333f, 0.13333300f, -0.053958461f, 0.021762502f, -0.0083231842f, 0.0022694991f];

    private static readonly float[] s_erf =
        [1.12837917f, -0.376126267f, 0.112835947f, -0.0268542120f, 0.00518908742f, -0.000801686428f, 7.87587505e-5f];

    private static readonly float[] s_log2Erfc =
    [
        -11.2628537f, -7.72228586f, -1.36175077f, -0.0156655646f, 0.00312387269f, -0.000606108681f, 0.000111507885f,
        -1.92095052e-5f, 2.36191023e-6f,
    ];

    /// <summary>A polynomial by Horner's rule, lowest coefficient first.</summary>
    private static F32 Polynomial(F32 x, float[] coefficients)
    {
        F32 sum = coefficients[^1];
        for (var i = coefficients.Length - 2; i >= 0; i--) sum = Fma(sum, x, coefficients[i]);
        return sum;
    }
}
