namespace FlamingoGpu.Core;

/// <summary>Facts about each <see cref="DType"/>. Pure functions, safe from any thread.</summary>
public static class DTypes
{
    private static readonly string[] s_shortNames =
        Array.ConvertAll(Enum.GetNames<DType>(), name => name.ToLowerInvariant());

    /// <summary>Size of one element in bits; packed types have fewer than 8.</summary>
    public static int BitSize(this DType dtype) => dtype switch
    {
        DType.F64 or DType.I64 or DType.U64 or DType.C64 => 64,
        DType.F32 or DType.I32 or DType.U32 => 32,
        DType.F16 or DType.BF16 or DType.I16 or DType.U16 => 16,
        DType.F6E2M3 or DType.F6E3M2 => 6,
        DType.F4 or DType.I4 => 4,
        _ => 8,
    };

    /// <summary>Bytes that <paramref name="elementCount"/> elements take, rounded up to whole bytes.</summary>
    /// <exception cref="OverflowException">The size does not fit 63 bits.</exception>
    public static long ByteSize(this DType dtype, long elementCount)
    {
        var bits = dtype.BitSize();
        return bits >= 8 ? checked(elementCount * (bits / 8)) : checked((elementCount * bits + 7) / 8);
    }

    /// <summary>True for the types a model's floating-point weights may have: f32, f16, bf16.</summary>
    public static bool IsWeightFloat(this DType dtype) => dtype is DType.F32 or DType.F16 or DType.BF16;

    /// <summary>The short lower-case name used on the command line and in reports, such as <c>bf16</c>.</summary>
    public static string ShortName(this DType dtype) => s_shortNames[(int)dtype];
}
