using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>A single-precision number on the device. Operators round to nearest even and keep subnormals.</summary>
public readonly struct F32 : IFloating<F32>
{
    private readonly Operand _operand;

    internal F32(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<F32>.Type => DeviceType.F32;

    /// <inheritdoc/>
    Operand IDeviceValue<F32>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>A constant.</summary>
    public static implicit operator F32(float value) => new(Operand.Of(value));

    /// <summary>
    /// Sum, rounded once; with a product it becomes one fused multiply-add (see <see cref="Isa.AddRn"/>).
    /// </summary>
    public static F32 operator +(F32 a, F32 b) => Operators.Binary("add.rn.f32", a, b, Freedom.Contract);

    /// <summary>Difference, rounded once.</summary>
    public static F32 operator -(F32 a, F32 b) => Operators.Binary("sub.rn.f32", a, b);

    /// <summary>Product, rounded once; one that only feeds a sum becomes a fused multiply-add with it.</summary>
    public static F32 operator *(F32 a, F32 b) => Operators.Binary("mul.rn.f32", a, b, Freedom.Contract);

    /// <summary>Quotient, rounded once (a dozen instructions; <see cref="DeviceCode.Rcp"/> is one).</summary>
    public static F32 operator /(F32 a, F32 b) => Operators.Binary("div.rn.f32", a, b);

    /// <summary>Negation.</summary>
    public static F32 operator -(F32 a) => Operators.Unary("neg.f32", a);

    /// <summary>Less; false for NaN.</summary>
    public static Pred operator <(F32 a, F32 b) => Operators.Compare("lt", a, b);

    /// <summary>Greater; false for NaN.</summary>
    public static Pred operator >(F32 a, F32 b) => Operators.Compare("gt", a, b);

    /// <summary>Less or equal; false for NaN.</summary>
    public static Pred operator <=(F32 a, F32 b) => Operators.Compare("le", a, b);

    /// <summary>Greater or equal; false for NaN.</summary>
    public static Pred operator >=(F32 a, F32 b) => Operators.Compare("ge", a, b);

    /// <summary>Equal; false for NaN.</summary>
    public static Pred operator ==(F32 a, F32 b) => Operators.Compare("eq", a, b);

    /// <summary>Different; true for NaN.</summary>
    public static Pred operator !=(F32 a, F32 b) => Operators.Compare("neu", a, b);

    /// <inheritdoc/>
    public F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") => this;

    /// <summary>Rounded to the nearest <typeparamref name="T"/>, ties to even.</summary>
    /// <typeparam name="T">The element type of the result.</typeparam>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public T To<T>([CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IFloating<T> => T.Round(this, line, file);

    /// <summary>Rounded to the nearest integer, ties to even, clamped to the range of the type; NaN gives 0.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public S32 RoundToS32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "cvt.rni.s32.f32", _operand));

    /// <summary>Rounded toward zero, clamped to the range of the type; NaN gives 0.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public S32 TruncateToS32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "cvt.rzi.s32.f32", _operand));

    /// <summary>The same bits, untyped.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public B32 AsB32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Bits32, "mov.b32", _operand));

    /// <summary>Whether the other object names the very same device value; compares no values.</summary>
    /// <param name="obj">Another device value.</param>
    public override bool Equals(object? obj) => obj is F32 other && other._operand == _operand;

    /// <inheritdoc/>
    public override int GetHashCode() => _operand.GetHashCode();

    /// <inheritdoc/>
    static F32 IFloating<F32>.Round(F32 value, int line, string file) => value;

    /// <inheritdoc/>
    static F32 IDeviceValue<F32>.From(Operand operand) => new(operand);
}
