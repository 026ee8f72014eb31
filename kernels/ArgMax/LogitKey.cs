using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// An f32 as an unsigned number of the same order: larger value, larger key; −0 and +0 have one key. 0 is below the key
/// of every number and stands for "no element".
/// </summary>
internal static class LogitKey
{
    /// <summary>The key of −∞.</summary>
    public const uint MinusInfinity = 0x007FFFFF;

    /// <summary>The key of +∞; NaN lies above it.</summary>
    public const uint PlusInfinity = 0xFF800000;

    /// <summary>The key of a value.</summary>
    public static U32 Of(F32 value)
    {
        // Turning a negative number's bits around reverses its order; adding 0 makes −0 positive.
        var bits = Isa.AddRn(value, 0f).AsB32();
        var key = bits ^ ((bits.AsS32() >> 31).AsB32() | 0x80000000u);
        return Select(value <= float.PositiveInfinity, key.AsU32(), 0xFFFFFFFFu);
    }

    /// <summary>The value of a key.</summary>
    public static F32 ValueOf(U32 key)
    {
        var bits = key.AsB32();
        return (bits ^ (~(bits.AsS32() >> 31).AsB32() | 0x80000000u)).AsF32();
    }

    /// <summary>True when the best key of a row says that nothing can be chosen from it.</summary>
    public static Pred IsUnusable(U32 best) => (best >= PlusInfinity) | (best <= MinusInfinity);
}
