using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>Two <see cref="BF16"/> in one register; the low half is the element at the lower address.</summary>
public readonly struct BF16x2 : IDeviceValue<BF16x2>
{
    private readonly Operand _operand;

    internal BF16x2(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<BF16x2>.Type => DeviceType.BF16x2;

    /// <inheritdoc/>
    Operand IDeviceValue<BF16x2>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>The same bits, untyped; costs nothing.</summary>
    public B32 AsB32() => new(_operand);

    /// <summary>The element at the lower address, as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 LowToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.ShlB32(new B32(_operand), 16, line, file).AsF32(line, file);

    /// <summary>The element at the higher address, as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 HighToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.AndB32(new B32(_operand), 0xFFFF0000u, line, file).AsF32(line, file);

    /// <summary>Two numbers rounded to nearest even and packed.</summary>
    /// <param name="low">Goes to the lower address.</param>
    /// <param name="high">Goes to the higher address.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static BF16x2 Round(F32 low, F32 high, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.CvtRnBf16x2F32(high, low, line, file);

    /// <inheritdoc/>
    static BF16x2 IDeviceValue<BF16x2>.From(Operand operand) => new(operand);
}
