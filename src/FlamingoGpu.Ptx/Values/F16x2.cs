using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>Two <see cref="F16"/> in one register; the low half is the element at the lower address.</summary>
public readonly struct F16x2 : IDeviceValue<F16x2>
{
    private readonly Operand _operand;

    internal F16x2(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<F16x2>.Type => DeviceType.F16x2;

    /// <inheritdoc/>
    Operand IDeviceValue<F16x2>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>The same bits, untyped; costs nothing.</summary>
    public B32 AsB32() => new(_operand);

    /// <summary>The element at the lower address, as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 LowToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.MovB32Unpack(this, line, file).Low.ToF32(line, file);

    /// <summary>The element at the higher address, as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 HighToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.MovB32Unpack(this, line, file).High.ToF32(line, file);

    /// <summary>Sums, each rounded once.</summary>
    public static F16x2 operator +(F16x2 a, F16x2 b) => Operators.Binary("add.rn.f16x2", a, b);

    /// <summary>Differences, each rounded once.</summary>
    public static F16x2 operator -(F16x2 a, F16x2 b) => Operators.Binary("sub.rn.f16x2", a, b);

    /// <summary>Products, each rounded once.</summary>
    public static F16x2 operator *(F16x2 a, F16x2 b) => Operators.Binary("mul.rn.f16x2", a, b);

    /// <summary>Two numbers rounded to nearest even and packed.</summary>
    /// <param name="low">Goes to the lower address.</param>
    /// <param name="high">Goes to the higher address.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static F16x2 Round(F32 low, F32 high, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.CvtRnF16x2F32(high, low, line, file);

    /// <inheritdoc/>
    static F16x2 IDeviceValue<F16x2>.From(Operand operand) => new(operand);
}
