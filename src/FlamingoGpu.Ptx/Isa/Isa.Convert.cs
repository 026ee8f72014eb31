using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary><c>cvt.rn.f16.f32</c>: rounded to nearest even.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16 CvtRnF16F32(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "cvt.rn.f16.f32", a.Operand));

    /// <summary><c>cvt.rn.bf16.f32</c>: rounded to nearest even.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16 CvtRnBf16F32(F32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits16, "cvt.rn.bf16.f32", a.Operand));

    /// <summary><c>cvt.rn.f16x2.f32</c>: two numbers rounded and packed.</summary>
    /// <param name="a">Goes to the <b>upper</b> half.</param>
    /// <param name="b">Goes to the lower half.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 CvtRnF16x2F32(F32 a, F32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "cvt.rn.f16x2.f32", a.Operand, b.Operand));

    /// <summary><c>cvt.rn.bf16x2.f32</c>: two numbers rounded and packed.</summary>
    /// <param name="a">Goes to the <b>upper</b> half.</param>
    /// <param name="b">Goes to the lower half.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 CvtRnBf16x2F32(F32 a, F32 b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "cvt.rn.bf16x2.f32", a.Operand, b.Operand));

    /// <summary><c>mov.b32 d, {zero, a}</c>: a bfloat16 widened to the f32 with the same upper half; exact.</summary>
    /// <param name="a">The bfloat16.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 MovB32Bf16High(BF16 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var zero = emitter.Once("0", "mov.b16", RegisterKind.Bits16);
        var result = emitter.Define(RegisterKind.Float32);
        emitter.Emit(Freedom.Pure, "mov.b32", Slot.To(result), Slot.From([zero, a.Operand]));
        return new F32(result);
    }

    /// <summary><c>mov.b32 {low, high}, a</c>: the two halves.</summary>
    /// <param name="a">The pair.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static (F16 Low, F16 High) MovB32Unpack(F16x2 a,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        Operand[] halves = [emitter.Define(RegisterKind.Bits16), emitter.Define(RegisterKind.Bits16)];
        emitter.Emit(Freedom.Pure, "mov.b32", Slot.To(halves), Slot.From(a.Operand));
        return (new F16(halves[0]), new F16(halves[1]));
    }

    /// <summary><c>mov.b32 d, {low, high}</c>: two halves in one register.</summary>
    /// <param name="low">The lower half.</param>
    /// <param name="high">The upper half.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 MovB32Pack(F16 low, F16 high,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(RegisterKind.Bits32);
        emitter.Emit(Freedom.Pure, "mov.b32", Slot.To(result), Slot.From([low.Operand, high.Operand]));
        return new F16x2(result);
    }

    /// <summary><c>mov.b32 {low, high}, a</c>: the two halves.</summary>
    /// <param name="a">The pair.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static (BF16 Low, BF16 High) MovB32Unpack(BF16x2 a,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        Operand[] halves = [emitter.Define(RegisterKind.Bits16), emitter.Define(RegisterKind.Bits16)];
        emitter.Emit(Freedom.Pure, "mov.b32", Slot.To(halves), Slot.From(a.Operand));
        return (new BF16(halves[0]), new BF16(halves[1]));
    }

    /// <summary><c>mov.b32 d, {low, high}</c>: two halves in one register.</summary>
    /// <param name="low">The lower half.</param>
    /// <param name="high">The upper half.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 MovB32Pack(BF16 low, BF16 high,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(RegisterKind.Bits32);
        emitter.Emit(Freedom.Pure, "mov.b32", Slot.To(result), Slot.From([low.Operand, high.Operand]));
        return new BF16x2(result);
    }

    /// <summary><c>mov.b64 d, {low, high}</c>: two words in one register.</summary>
    /// <param name="low">The lower half.</param>
    /// <param name="high">The upper half.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 MovB64Pack(B32 low, B32 high,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var result = emitter.Define(RegisterKind.Bits64);
        emitter.Emit(Freedom.Pure, "mov.b64", Slot.To(result), Slot.From([low.Operand, high.Operand]));
        return new U64(result);
    }

    /// <summary><c>mov.b64 {low, high}, a</c>: the two words of a 64-bit register.</summary>
    /// <param name="a">The register.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static (B32 Low, B32 High) MovB64Unpack(U64 a,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        Operand[] halves = [emitter.Define(RegisterKind.Bits32), emitter.Define(RegisterKind.Bits32)];
        emitter.Emit(Freedom.Pure, "mov.b64", Slot.To(halves), Slot.From(a.Operand));
        return (new B32(halves[0]), new B32(halves[1]));
    }
}
