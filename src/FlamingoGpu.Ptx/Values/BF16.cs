using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A bfloat16 number: the upper half of an f32. sm_80 computes with it only in <c>fma</c>, minimum and maximum.
/// </summary>
public readonly struct BF16 : IMatrixElement<BF16>
{
    private readonly Operand _operand;

    internal BF16(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<BF16>.Type => DeviceType.BF16;

    /// <inheritdoc/>
    Operand IDeviceValue<BF16>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>The value as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.MovB32Bf16High(this, line, file);

    /// <inheritdoc/>
    static BF16 IFloating<BF16>.Round(F32 value, int line, string file) => Isa.CvtRnBf16F32(value, line, file);

    /// <inheritdoc/>
    static B32 IMatrixElement<BF16>.Pack(F32 low, F32 high, int line, string file) =>
        Isa.CvtRnBf16x2F32(high, low, line, file).AsB32();

    /// <inheritdoc/>
    static BF16 IDeviceValue<BF16>.From(Operand operand) => new(operand);
}
