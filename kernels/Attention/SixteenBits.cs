using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Pairs of values of a 16-bit type chosen when a kernel is built.</summary>
internal static class SixteenBits
{
    /// <summary>Two values rounded to f16 or bf16 in one word, <paramref name="low"/> in the lower half.</summary>
    public static B32 Pack(DType type, F32 low, F32 high) =>
        type == DType.F16 ? F16x2.Round(low, high).AsB32() : BF16x2.Round(low, high).AsB32();
}
