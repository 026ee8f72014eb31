using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The natural logarithm within 2 ulp for normal numbers: log-probabilities near 0 need what <c>lg2.approx</c> (2⁻²² in
/// its result) cannot give.
/// </summary>
internal static class DeviceLog
{
    /// <summary>ln x of a positive normal number; NaN and +∞ stay what they are.</summary>
    public static F32 Of(F32 x)
    {
        // x = 2ᵉ·m with √½ ≤ m < √2, and ln m = 2·(s + s³/3 + s⁵/5 + …) of s = (m − 1)/(m + 1), |s| ≤ 0.172.
        var bits = x.AsB32().AsS32();
        var exponent = (bits - 0x3F3504F3) >> 23;
        var m = (bits - (exponent << 23)).AsB32().AsF32();
        var s = (m - 1f) / (m + 1f);
        var square = Isa.MulRn(s, s);
        var series = Isa.MulRn(Fma(Fma(Fma(square, 2f / 9f, 2f / 7f), square, 2f / 5f), square, 2f / 3f), square);
        var tail = Fma(s, series, Isa.MulRn(exponent.ToF32(), -2.12194440e-4f));
        var result = Fma(exponent.ToF32(), 0.693359375f, Fma(s, 2f, tail));

        // A comparison with NaN is false; without this its bits would pass for those of a number.
        return Select(x < float.PositiveInfinity, result, x);
    }
}
