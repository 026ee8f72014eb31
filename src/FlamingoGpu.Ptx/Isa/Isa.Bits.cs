using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary><c>selp.f32</c>: a where p holds, else b.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="p">A predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F32 Selp(F32 a, F32 b, Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "selp.f32", a.Operand, b.Operand, p.Operand));

    /// <summary><c>selp.s32</c>: a where p holds, else b.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="p">A predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Selp(S32 a, S32 b, Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "selp.s32", a.Operand, b.Operand, p.Operand));

    /// <summary><c>selp.u32</c>: a where p holds, else b.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="p">A predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Selp(U32 a, U32 b, Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "selp.u32", a.Operand, b.Operand, p.Operand));

    /// <summary><c>selp.s64</c>: a where p holds, else b.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="p">A predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S64 Selp(S64 a, S64 b, Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "selp.s64", a.Operand, b.Operand, p.Operand));

    /// <summary><c>selp.u64</c>: a where p holds, else b.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="p">A predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U64 Selp(U64 a, U64 b, Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "selp.u64", a.Operand, b.Operand, p.Operand));

    /// <summary><c>selp.b32</c>: a where p holds, else b.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="p">A predicate.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 Selp(B32 a, B32 b, Pred p, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "selp.b32", a.Operand, b.Operand, p.Operand));

    /// <summary><c>shl.b32</c>: shifted left.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="count">Bits; the low 8 bits of it count from.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 ShlB32(B32 a, S32 count, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "shl.b32", a.Operand, count.Operand));

    /// <summary><c>and.b32</c>: both bits.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 AndB32(B32 a, B32 b, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "and.b32", a.Operand, b.Operand));

    /// <summary><c>prmt.b32</c>: four of the eight bytes of b:a, one nibble of the selector each.</summary>
    /// <param name="a">Bytes 0 to 3.</param>
    /// <param name="b">Bytes 4 to 7.</param>
    /// <param name="selector">Nibble i names the byte that becomes byte i; bit 3 spreads its sign.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 Prmt(B32 a, B32 b, B32 selector,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "prmt.b32",
            a.Operand, b.Operand, selector.Operand));

    /// <summary><c>bfe.s32</c>: a bit field, its sign extended.</summary>
    /// <param name="a">Where the field is.</param>
    /// <param name="position">Its lowest bit.</param>
    /// <param name="length">Its bits.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Bfe(S32 a, S32 position, S32 length,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "bfe.s32",
            a.Operand, position.Operand, length.Operand));

    /// <summary><c>bfe.u32</c>: a bit field, zero-extended.</summary>
    /// <param name="a">Where the field is.</param>
    /// <param name="position">Its lowest bit.</param>
    /// <param name="length">Its bits.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static U32 Bfe(U32 a, S32 position, S32 length,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "bfe.u32",
            a.Operand, position.Operand, length.Operand));

    /// <summary><c>bfi.b32</c>: b with the low bits of a put in.</summary>
    /// <param name="a">The field.</param>
    /// <param name="b">What it goes into.</param>
    /// <param name="position">Its lowest bit there.</param>
    /// <param name="length">Its bits.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 Bfi(B32 a, B32 b, S32 position, S32 length,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "bfi.b32",
            a.Operand, b.Operand, position.Operand, length.Operand));

    /// <summary><c>popc.b32</c>: how many bits are set.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Popc(B32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "popc.b32", a.Operand));

    /// <summary><c>clz.b32</c>: zeros above the highest set bit.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static S32 Clz(B32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "clz.b32", a.Operand));

    /// <summary><c>brev.b32</c>: the bits in reverse order.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 Brev(B32 a, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "brev.b32", a.Operand));

    /// <summary><c>lop3.b32</c>: any bitwise function of three operands.</summary>
    /// <param name="a">First operand; stands for 0xF0 in the table.</param>
    /// <param name="b">Second operand; stands for 0xCC.</param>
    /// <param name="c">Third operand; stands for 0xAA.</param>
    /// <param name="table">The function of 0xF0, 0xCC and 0xAA, such as <c>(0xF0 &amp; 0xCC) ^ 0xAA</c>.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32 Lop3(B32 a, B32 b, B32 c, byte table,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "lop3.b32",
            a.Operand, b.Operand, c.Operand, Operand.Of((long)table)));
}
