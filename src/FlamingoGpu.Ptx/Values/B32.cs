using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>32 bits without a type: packed elements, matrix fragments.</summary>
public readonly struct B32 : IDeviceValue<B32>
{
    private readonly Operand _operand;

    internal B32(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<B32>.Type => DeviceType.B32;

    /// <inheritdoc/>
    Operand IDeviceValue<B32>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>A constant.</summary>
    public static implicit operator B32(uint value) => new(Operand.Of((long)value));

    /// <summary>Bitwise and.</summary>
    public static B32 operator &(B32 a, B32 b) => Operators.Binary("and.b32", a, b);

    /// <summary>Bitwise or.</summary>
    public static B32 operator |(B32 a, B32 b) => Operators.Binary("or.b32", a, b);

    /// <summary>Bitwise exclusive or.</summary>
    public static B32 operator ^(B32 a, B32 b) => Operators.Binary("xor.b32", a, b);

    /// <summary>Bitwise complement.</summary>
    public static B32 operator ~(B32 a) => Operators.Unary("not.b32", a);

    /// <summary>Shift to the left.</summary>
    public static B32 operator <<(B32 a, S32 count) => Operators.Shift("shl.b32", a, count);

    /// <summary>Shift to the right, filling with zeros.</summary>
    public static B32 operator >>(B32 a, S32 count) => Operators.Shift("shr.u32", a, count);

    /// <summary>The same bits as a signed integer; costs nothing.</summary>
    public S32 AsS32() => S32.Reinterpret(_operand);

    /// <summary>The same bits as an unsigned integer; costs nothing.</summary>
    public U32 AsU32() => U32.Reinterpret(_operand);

    /// <summary>The same bits as two f16; costs nothing.</summary>
    public F16x2 AsF16x2() => new(_operand);

    /// <summary>The same bits as two bf16; costs nothing.</summary>
    public BF16x2 AsBF16x2() => new(_operand);

    /// <summary>The same bits as f32.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public F32 AsF32([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(Emitter.At(line, file).Compute(RegisterKind.Float32, "mov.b32", _operand));

    /// <inheritdoc/>
    static B32 IDeviceValue<B32>.From(Operand operand) => new(operand);
}
