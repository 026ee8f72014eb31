using System.Collections.Frozen;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>The 22 element types of the safetensors format under the names its header uses.</summary>
internal static class SafetensorsDTypes
{
    private static readonly FrozenDictionary<DType, string> NameByType = new Dictionary<DType, string>
    {
        [DType.Bool] = "BOOL",
        [DType.F4] = "F4",
        [DType.F6E2M3] = "F6_E2M3",
        [DType.F6E3M2] = "F6_E3M2",
        [DType.U8] = "U8",
        [DType.I8] = "I8",
        [DType.F8E5M2] = "F8_E5M2",
        [DType.F8E4M3] = "F8_E4M3",
        [DType.F8E8M0] = "F8_E8M0",
        [DType.F8E4M3Fnuz] = "F8_E4M3FNUZ",
        [DType.F8E5M2Fnuz] = "F8_E5M2FNUZ",
        [DType.I16] = "I16",
        [DType.U16] = "U16",
        [DType.F16] = "F16",
        [DType.BF16] = "BF16",
        [DType.I32] = "I32",
        [DType.U32] = "U32",
        [DType.F32] = "F32",
        [DType.C64] = "C64",
        [DType.F64] = "F64",
        [DType.I64] = "I64",
        [DType.U64] = "U64",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, DType> TypeByName =
        NameByType.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Every type of the format.</summary>
    public static IEnumerable<DType> All => NameByType.Keys;

    /// <summary>Finds a type by its name in the header.</summary>
    public static bool TryParse(string name, out DType dtype) => TypeByName.TryGetValue(name, out dtype);

    /// <summary>The name in the header, or null for a type that the format does not have (packed I4).</summary>
    public static string? NameOf(DType dtype) => NameByType.GetValueOrDefault(dtype);
}
