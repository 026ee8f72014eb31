namespace FlamingoGpu.Core;

/// <summary>Element types a tensor file can hold. The names are those of the safetensors format.</summary>
public enum DType
{
    /// <summary>32-bit IEEE float.</summary>
    F32,

    /// <summary>16-bit IEEE float: 5 exponent bits, 10 mantissa bits.</summary>
    F16,

    /// <summary>The upper half of an <see cref="F32"/>: 8 exponent bits, 7 mantissa bits.</summary>
    BF16,

    /// <summary>64-bit IEEE float.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits.</summary>
    F8E4M3,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits.</summary>
    F8E5M2,

    /// <summary>8-bit power-of-two scale: 8 exponent bits only.</summary>
    F8E8M0,

    /// <summary><see cref="F8E4M3"/> without infinities and without negative zero.</summary>
    F8E4M3Fnuz,

    /// <summary><see cref="F8E5M2"/> without infinities and without negative zero.</summary>
    F8E5M2Fnuz,

    /// <summary>6-bit float, 2 exponent and 3 mantissa bits, packed.</summary>
    F6E2M3,

    /// <summary>6-bit float, 3 exponent and 2 mantissa bits, packed.</summary>
    F6E3M2,

    /// <summary>4-bit float, packed two to a byte.</summary>
    F4,

    /// <summary>Signed 4-bit integer, packed two to a byte.</summary>
    I4,

    /// <summary>Two 32-bit floats: real and imaginary part.</summary>
    C64,
}
