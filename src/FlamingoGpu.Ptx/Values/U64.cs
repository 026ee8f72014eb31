using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>A unsigned 64-bit integer on the device. Arithmetic wraps; division rounds toward zero.</summary>
public readonly struct U64 : IDeviceValue<U64>
{
    private readonly Operand _operand;

    internal U64(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<U64>.Type => DeviceType.U64;

    /// <inheritdoc/>
    Operand IDeviceValue<U64>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>A constant.</summary>
    public static implicit operator U64(ulong value) => new(Operand.Of(value));

    /// <summary>Sum.</summary>
    public static U64 operator +(U64 a, U64 b) => Operators.Add(a, b);

    /// <summary>Difference.</summary>
    public static U64 operator -(U64 a, U64 b) => Operators.Subtract(a, b);

    /// <summary>Low half of the product.</summary>
    public static U64 operator *(U64 a, U64 b) => Operators.Multiply(a, b);

    /// <summary>Quotient, toward zero.</summary>
    public static U64 operator /(U64 a, U64 b) => Operators.Binary("div.u64", a, b);

    /// <summary>Remainder.</summary>
    public static U64 operator %(U64 a, U64 b) => Operators.Binary("rem.u64", a, b);

    /// <summary>Bitwise and.</summary>
    public static U64 operator &(U64 a, U64 b) => Operators.Binary("and.b64", a, b);

    /// <summary>Bitwise or.</summary>
    public static U64 operator |(U64 a, U64 b) => Operators.Binary("or.b64", a, b);

    /// <summary>Bitwise exclusive or.</summary>
    public static U64 operator ^(U64 a, U64 b) => Operators.Binary("xor.b64", a, b);

    /// <summary>Bitwise complement.</summary>
    public static U64 operator ~(U64 a) => Operators.Unary("not.b64", a);

    /// <summary>Shift to the left; by the width or more gives zero.</summary>
    public static U64 operator <<(U64 a, S32 count) => Operators.Shift("shl.b64", a, count);

    /// <summary>Shift to the right, filling with zeros.</summary>
    public static U64 operator >>(U64 a, S32 count) => Operators.Shift("shr.u64", a, count);

    /// <summary>Less.</summary>
    public static Pred operator <(U64 a, U64 b) => Operators.Compare("lt", a, b);

    /// <summary>Greater.</summary>
    public static Pred operator >(U64 a, U64 b) => Operators.Compare("gt", a, b);

    /// <summary>Less or equal.</summary>
    public static Pred operator <=(U64 a, U64 b) => Operators.Compare("le", a, b);

    /// <summary>Greater or equal.</summary>
    public static Pred operator >=(U64 a, U64 b) => Operators.Compare("ge", a, b);

    /// <summary>Equal.</summary>
    public static Pred operator ==(U64 a, U64 b) => Operators.Compare("eq", a, b);

    /// <summary>Different.</summary>
    public static Pred operator !=(U64 a, U64 b) => Operators.Compare("ne", a, b);

    /// <summary>The low 32 bits.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public S32 ToS32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "cvt.s32.u64", _operand));

    /// <summary>The low 32 bits.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public U32 ToU32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "cvt.u32.u64", _operand));

    /// <summary>The same bits as signed 64-bit integer; costs nothing.</summary>
    public S64 AsS64() => S64.Reinterpret(_operand);

    /// <summary>Rounded to the nearest f32, ties to even.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cvt.rn.f32.u64", _operand));

    /// <summary>Whether the other object names the very same device value; compares no values.</summary>
    /// <param name="obj">Another device value.</param>
    public override bool Equals(object? obj) => obj is U64 other && other._operand == _operand;

    /// <inheritdoc/>
    public override int GetHashCode() => _operand.GetHashCode();

    /// <inheritdoc/>
    static U64 IDeviceValue<U64>.From(Operand operand) => new(operand);

    internal static U64 Reinterpret(Operand operand) =>
        operand.Integer is { } value ? new(Operand.Of(unchecked((ulong)value))) : new(operand);
}
