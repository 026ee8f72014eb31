using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>A signed 8-bit element. It has no arithmetic of its own: load, widen, compute, narrow, store.</summary>
public readonly struct S8 : IDeviceValue<S8>
{
    private readonly Operand _operand;

    internal S8(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<S8>.Type => DeviceType.S8;

    /// <inheritdoc/>
    Operand IDeviceValue<S8>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>The value in 32 bits; costs nothing, loads widen already.</summary>
    public S32 ToS32() => new(_operand);

    /// <summary>The value as f32; exact.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 ToF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "cvt.rn.f32.s32", _operand));

    /// <summary>An element for a store, which keeps the low 8 bits of <paramref name="value"/>.</summary>
    /// <param name="value">The number; the caller clamps it to the range of 8 bits.</param>
    public static S8 Narrow(S32 value) => new(value.Operand);

    /// <inheritdoc/>
    static S8 IDeviceValue<S8>.From(Operand operand) => new(operand);
}
