using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Layer 1: one method per PTX instruction form, named as the ISA names it (the type suffix is the overload).
/// Everything
/// above, operators included, is written in these.
/// </summary>
public static partial class Isa
{
    /// <summary><c>add.rn.f32</c>: the sum, never fused with a product.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 AddRn(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "add.rn.f32", a.Operand, b.Operand));

    /// <summary><c>sub.rn.f32</c>: the difference.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 SubRn(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "sub.rn.f32", a.Operand, b.Operand));

    /// <summary><c>mul.rn.f32</c>: the product, never fused with a sum.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 MulRn(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "mul.rn.f32", a.Operand, b.Operand));

    /// <summary><c>div.rn.f32</c>: the quotient, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 DivRn(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "div.rn.f32", a.Operand, b.Operand));

    /// <summary><c>fma.rn.f32</c>: a·b + c, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 FmaRn(F32 a, F32 b, F32 c, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "fma.rn.f32", a.Operand, b.Operand, c.Operand));

    /// <summary><c>fma.rn.f16</c>: a·b + c, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16 FmaRn(F16 a, F16 b, F16 c, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "fma.rn.f16", a.Operand, b.Operand, c.Operand));

    /// <summary><c>fma.rn.f16x2</c>: a·b + c, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 FmaRn(F16x2 a, F16x2 b, F16x2 c,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "fma.rn.f16x2", a.Operand, b.Operand, c.Operand));

    /// <summary><c>fma.rn.bf16</c>: a·b + c, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16 FmaRn(BF16 a, BF16 b, BF16 c,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "fma.rn.bf16", a.Operand, b.Operand, c.Operand));

    /// <summary><c>fma.rn.bf16x2</c>: a·b + c, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 FmaRn(BF16x2 a, BF16x2 b, BF16x2 c,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "fma.rn.bf16x2", a.Operand, b.Operand, c.Operand));

    /// <summary><c>mad.lo.s32</c>: a·b + c, its low half.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 MadLo(S32 a, S32 b, S32 c, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "mad.lo.s32", a.Operand, b.Operand, c.Operand));

    /// <summary><c>mad.lo.u32</c>: a·b + c, its low half.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 MadLo(U32 a, U32 b, U32 c, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "mad.lo.u32", a.Operand, b.Operand, c.Operand));

    /// <summary><c>mad.lo.s64</c>: a·b + c, its low half.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 MadLo(S64 a, S64 b, S64 c, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "mad.lo.s64", a.Operand, b.Operand, c.Operand));

    /// <summary><c>mul.wide.s32</c>: the whole 64-bit product.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 MulWide(S32 a, S32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "mul.wide.s32", a.Operand, b.Operand));

    /// <summary><c>mad.wide.s32</c>: a·b + c in 64 bits.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 MadWide(S32 a, S32 b, S64 c,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "mad.wide.s32", a.Operand, b.Operand, c.Operand));

    /// <summary><c>mul.hi.s32</c>: the high half of the product.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 MulHi(S32 a, S32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "mul.hi.s32", a.Operand, b.Operand));

    /// <summary><c>mul.wide.u32</c>: the whole 64-bit product.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 MulWide(U32 a, U32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "mul.wide.u32", a.Operand, b.Operand));

    /// <summary><c>mad.wide.u32</c>: a·b + c in 64 bits.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="c">Third operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 MadWide(U32 a, U32 b, U64 c,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "mad.wide.u32", a.Operand, b.Operand, c.Operand));

    /// <summary><c>mul.hi.u32</c>: the high half of the product.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 MulHi(U32 a, U32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "mul.hi.u32", a.Operand, b.Operand));

    /// <summary><c>min.f32</c>: the smaller (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Min(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "min.f32", a.Operand, b.Operand));

    /// <summary><c>max.f32</c>: the larger (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Max(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "max.f32", a.Operand, b.Operand));

    /// <summary><c>min.s32</c>: the smaller.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Min(S32 a, S32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "min.s32", a.Operand, b.Operand));

    /// <summary><c>max.s32</c>: the larger.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Max(S32 a, S32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "max.s32", a.Operand, b.Operand));

    /// <summary><c>min.u32</c>: the smaller.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Min(U32 a, U32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "min.u32", a.Operand, b.Operand));

    /// <summary><c>max.u32</c>: the larger.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Max(U32 a, U32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "max.u32", a.Operand, b.Operand));

    /// <summary><c>min.s64</c>: the smaller.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 Min(S64 a, S64 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "min.s64", a.Operand, b.Operand));

    /// <summary><c>max.s64</c>: the larger.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 Max(S64 a, S64 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "max.s64", a.Operand, b.Operand));

    /// <summary><c>min.u64</c>: the smaller.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 Min(U64 a, U64 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "min.u64", a.Operand, b.Operand));

    /// <summary><c>max.u64</c>: the larger.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 Max(U64 a, U64 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "max.u64", a.Operand, b.Operand));

    /// <summary><c>min.f16</c>: the smaller (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16 Min(F16 a, F16 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "min.f16", a.Operand, b.Operand));

    /// <summary><c>max.f16</c>: the larger (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16 Max(F16 a, F16 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "max.f16", a.Operand, b.Operand));

    /// <summary><c>min.f16x2</c>: the smaller of each pair (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 Min(F16x2 a, F16x2 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "min.f16x2", a.Operand, b.Operand));

    /// <summary><c>max.f16x2</c>: the larger of each pair (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 Max(F16x2 a, F16x2 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "max.f16x2", a.Operand, b.Operand));

    /// <summary><c>min.bf16</c>: the smaller (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16 Min(BF16 a, BF16 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "min.bf16", a.Operand, b.Operand));

    /// <summary><c>max.bf16</c>: the larger (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16 Max(BF16 a, BF16 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "max.bf16", a.Operand, b.Operand));

    /// <summary><c>min.bf16x2</c>: the smaller of each pair (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 Min(BF16x2 a, BF16x2 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "min.bf16x2", a.Operand, b.Operand));

    /// <summary><c>max.bf16x2</c>: the larger of each pair (the number, if the other is NaN).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 Max(BF16x2 a, BF16x2 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "max.bf16x2", a.Operand, b.Operand));

    /// <summary><c>abs.f32</c>: the magnitude.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Abs(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "abs.f32", a.Operand));

    /// <summary><c>abs.s32</c>: the magnitude.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Abs(S32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "abs.s32", a.Operand));

    /// <summary><c>abs.bf16x2</c>: the magnitude.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 Abs(BF16x2 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "abs.bf16x2", a.Operand));

    /// <summary><c>neg.bf16x2</c>: both with the other sign.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 Neg(BF16x2 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "neg.bf16x2", a.Operand));

    /// <summary><c>neg.f16x2</c>: both with the other sign.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 Neg(F16x2 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "neg.f16x2", a.Operand));

    /// <summary><c>rcp.rn.f32</c>: 1/a, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 RcpRn(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "rcp.rn.f32", a.Operand));

    /// <summary><c>rcp.approx.ftz.f32</c>: 1/a within 1 ulp; subnormals count as zero.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 RcpApproxFtz(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "rcp.approx.ftz.f32", a.Operand));

    /// <summary><c>sqrt.rn.f32</c>: the square root, rounded once.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 SqrtRn(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "sqrt.rn.f32", a.Operand));

    /// <summary><c>rsqrt.approx.ftz.f32</c>: 1/√a within 2⁻²²·⁹ relative; subnormals count as zero.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 RsqrtApproxFtz(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "rsqrt.approx.ftz.f32", a.Operand));

    /// <summary><c>ex2.approx.ftz.f32</c>: 2ᵃ within 2 ulp or so; −∞ gives 0; subnormals count as zero.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Ex2ApproxFtz(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "ex2.approx.ftz.f32", a.Operand));

    /// <summary><c>lg2.approx.ftz.f32</c>: log₂ a, within 2⁻²² or so; subnormals count as zero.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Lg2ApproxFtz(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "lg2.approx.ftz.f32", a.Operand));

    /// <summary><c>tanh.approx.f32</c>: tanh a within 2⁻¹¹ relative: for bf16 results only.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 TanhApprox(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "tanh.approx.f32", a.Operand));

    /// <summary><c>sin.approx.ftz.f32</c>: sin a within 2⁻²⁰·⁹ for |a| ≤ π.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 SinApproxFtz(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "sin.approx.ftz.f32", a.Operand));

    /// <summary><c>cos.approx.ftz.f32</c>: cos a within 2⁻²⁰·⁹ for |a| ≤ π.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 CosApproxFtz(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cos.approx.ftz.f32", a.Operand));

    /// <summary><c>cvt.rmi.f32.f32</c>: the next integer downward, as a float.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 CvtRmi(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cvt.rmi.f32.f32", a.Operand));

    /// <summary><c>cvt.rni.f32.f32</c>: the nearest integer, as a float; ties to even.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 CvtRni(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cvt.rni.f32.f32", a.Operand));

    /// <summary><c>div.approx.ftz.f32</c>: a/b within 2 ulp.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 DivApproxFtz(F32 a, F32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "div.approx.ftz.f32", a.Operand, b.Operand));
}
