using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>A signed 32-bit integer on the device. Arithmetic wraps; division rounds toward zero.</summary>
public readonly struct S32 : IDeviceValue<S32>
{
    private readonly Operand _operand;

    internal S32(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<S32>.Type => DeviceType.S32;

    /// <inheritdoc/>
    Operand IDeviceValue<S32>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>A constant.</summary>
    public static implicit operator S32(int value) => new(Operand.Of((long)value));

    /// <summary>Sum.</summary>
    public static S32 operator +(S32 a, S32 b) => Operators.Add(a, b);

    /// <summary>Difference.</summary>
    public static S32 operator -(S32 a, S32 b) => Operators.Subtract(a, b);

    /// <summary>Low half of the product.</summary>
    public static S32 operator *(S32 a, S32 b) => Operators.Multiply(a, b);

    /// <summary>Quotient, toward zero.</summary>
    public static S32 operator /(S32 a, S32 b) => Operators.Binary("div.s32", a, b);

    /// <summary>Remainder with the sign of the dividend.</summary>
    public static S32 operator %(S32 a, S32 b) => Operators.Binary("rem.s32", a, b);

    /// <summary>Bitwise and.</summary>
    public static S32 operator &(S32 a, S32 b) => Operators.Binary("and.b32", a, b);

    /// <summary>Bitwise or.</summary>
    public static S32 operator |(S32 a, S32 b) => Operators.Binary("or.b32", a, b);

    /// <summary>Bitwise exclusive or.</summary>
    public static S32 operator ^(S32 a, S32 b) => Operators.Binary("xor.b32", a, b);

    /// <summary>Bitwise complement.</summary>
    public static S32 operator ~(S32 a) => Operators.Unary("not.b32", a);

    /// <summary>Negation.</summary>
    public static S32 operator -(S32 a) => Operators.Unary("neg.s32", a);

    /// <summary>Shift to the left; by the width or more gives zero.</summary>
    public static S32 operator <<(S32 a, S32 count) => Operators.Shift("shl.b32", a, count);

    /// <summary>Shift to the right, keeping the sign.</summary>
    public static S32 operator >>(S32 a, S32 count) => Operators.Shift("shr.s32", a, count);

    /// <summary>Less.</summary>
    public static Pred operator <(S32 a, S32 b) => Operators.Compare("lt", a, b);

    /// <summary>Greater.</summary>
    public static Pred operator >(S32 a, S32 b) => Operators.Compare("gt", a, b);

    /// <summary>Less or equal.</summary>
    public static Pred operator <=(S32 a, S32 b) => Operators.Compare("le", a, b);

    /// <summary>Greater or equal.</summary>
    public static Pred operator >=(S32 a, S32 b) => Operators.Compare("ge", a, b);

    /// <summary>Equal.</summary>
    public static Pred operator ==(S32 a, S32 b) => Operators.Compare("eq", a, b);

    /// <summary>Different.</summary>
    public static Pred operator !=(S32 a, S32 b) => Operators.Compare("ne", a, b);

    /// <summary>The same bits as unsigned 32-bit integer; costs nothing.</summary>
    public U32 AsU32() => U32.Reinterpret(_operand);

    /// <summary>Widened, with its sign.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public S64 ToS64([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        _operand.Integer is { } value
            ? value
            : new S64(Emitter.At(line, file).Compute(RegisterKind.Bits64, "cvt.s64.s32", _operand));

    /// <summary>Widened, with its sign.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public U64 ToU64([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits64, "cvt.s64.s32", _operand));

    /// <summary>Rounded to the nearest f32, ties to even.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cvt.rn.f32.s32", _operand));

    /// <summary>The same bits, untyped; costs nothing.</summary>
    public B32 AsB32() => new(_operand);

    /// <summary>Whether the other object names the very same device value; compares no values.</summary>
    /// <param name="obj">Another device value.</param>
    public override bool Equals(object? obj) => obj is S32 other && other._operand == _operand;

    /// <inheritdoc/>
    public override int GetHashCode() => _operand.GetHashCode();

    /// <inheritdoc/>
    static S32 IDeviceValue<S32>.From(Operand operand) => new(operand);

    internal static S32 Reinterpret(Operand operand) =>
        operand.Integer is { } value ? new(Operand.Of((long)unchecked((int)value))) : new(operand);
}
