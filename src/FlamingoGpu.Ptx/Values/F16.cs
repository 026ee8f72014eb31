using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>An IEEE half-precision number (11 bits of mantissa).</summary>
public readonly struct F16 : IMatrixElement<F16>
{
    private readonly Operand _operand;

    internal F16(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<F16>.Type => DeviceType.F16;

    /// <inheritdoc/>
    Operand IDeviceValue<F16>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>The value as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cvt.f32.f16", _operand));

    /// <summary>Sum, rounded once.</summary>
    public static F16 operator +(F16 a, F16 b) => Operators.Binary("add.rn.f16", a, b);

    /// <summary>Difference, rounded once.</summary>
    public static F16 operator -(F16 a, F16 b) => Operators.Binary("sub.rn.f16", a, b);

    /// <summary>Product, rounded once.</summary>
    public static F16 operator *(F16 a, F16 b) => Operators.Binary("mul.rn.f16", a, b);

    /// <inheritdoc/>
    static F16 IFloating<F16>.Round(F32 value, int line, string file) => Isa.CvtRnF16F32(value, line, file);

    /// <inheritdoc/>
    static B32 IMatrixElement<F16>.Pack(F32 low, F32 high, int line, string file) =>
        Isa.CvtRnF16x2F32(high, low, line, file).AsB32();

    /// <inheritdoc/>
    static F16 IDeviceValue<F16>.From(Operand operand) => new(operand);
}
