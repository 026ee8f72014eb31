namespace FlamingoGpu.Ptx.Reading;

/// <summary>Sizes and kinds of the PTX types. Pure functions.</summary>
public static class PtxTypes
{
    private static readonly Dictionary<string, PtxType> ByName =
        Enum.GetValues<PtxType>().Where(type => type != PtxType.None).ToDictionary(Name, StringComparer.Ordinal);

    /// <summary>The word PTX uses, such as <c>u32</c>, without the dot.</summary>
    public static string Name(this PtxType type) => type.ToString().ToLowerInvariant();

    /// <summary>The type of that name, or <see cref="PtxType.None"/>.</summary>
    public static PtxType Parse(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Bytes one value takes in memory; 0 for predicates, which have no memory form.</summary>
    public static int ByteSize(this PtxType type) => type switch
    {
        PtxType.B8 or PtxType.U8 or PtxType.S8 => 1,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 or PtxType.BF16 => 2,
        PtxType.B64 or PtxType.U64 or PtxType.S64 or PtxType.F64 => 8,
        PtxType.None or PtxType.Pred => 0,
        _ => 4,
    };

    /// <summary>True for the signed integers.</summary>
    public static bool IsSigned(this PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    /// <summary>True for the unsigned integers.</summary>
    public static bool IsUnsigned(this PtxType type) =>
        type is PtxType.U8 or PtxType.U16 or PtxType.U32 or PtxType.U64;

    /// <summary>True for signed and unsigned integers.</summary>
    public static bool IsInteger(this PtxType type) => type.IsSigned() || type.IsUnsigned();

    /// <summary>True for f16, f32 and f64.</summary>
    public static bool IsFloat(this PtxType type) => type is PtxType.F16 or PtxType.F32 or PtxType.F64;

    /// <summary>True for the untyped sizes, and for the packed and bfloat types that live in untyped
    /// registers.</summary>
    public static bool IsBits(this PtxType type) => type is PtxType.B8 or PtxType.B16 or PtxType.B32 or PtxType.B64;
}
