using FlamingoGpu.Core;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>
/// Arithmetic on f16 and bf16 with one rounding: sums and products of two such values are rounded from single
/// precision,
/// which is wide enough to make that exact; the fused form goes through a double rounded to odd.
/// </summary>
internal static class SixteenBit
{
    public static float ToSingle(uint bits, bool isBrain) =>
        isBrain ? BFloat16.ToSingle((ushort)bits) : (float)BitConverter.UInt16BitsToHalf((ushort)bits);

    public static uint FromSingle(float value, bool isBrain) =>
        isBrain ? BFloat16FromSingle.Apply(value) : HalfFromSingle.Apply(value);

    /// <summary>Rounds toward zero.</summary>
    public static uint Truncate(float value, bool isBrain)
    {
        if (float.IsNaN(value)) return 0x7FFF;
        if (isBrain) return BitConverter.SingleToUInt32Bits(value) >> 16;
        var rounded = (uint)BitConverter.HalfToUInt16Bits((Half)value);
        return Math.Abs(ToSingle(rounded, isBrain: false)) > Math.Abs(value) ? rounded - 1 : rounded;
    }

    public static uint FusedMultiplyAdd(uint a, uint b, uint c, bool isBrain)
    {
        var product = (double)ToSingle(a, isBrain) * ToSingle(b, isBrain);
        return FromDouble(AddToOdd(product, ToSingle(c, isBrain)), isBrain);
    }

    /// <summary>Rounds to nearest even, once.</summary>
    public static uint FromDouble(double value, bool isBrain)
    {
        var single = (float)value;
        if (!isBrain) return double.IsNaN(value) ? 0x7FFFu : BitConverter.HalfToUInt16Bits((Half)value);
        if (float.IsFinite(single) && single != value)
        {
            // Round to odd: the lost tail must not look like a tie to the second rounding.
            var bits = BitConverter.SingleToUInt32Bits(single);
            if (Math.Abs((double)single) > Math.Abs(value)) bits--;
            single = BitConverter.UInt32BitsToSingle(bits | 1);
        }

        return BFloat16FromSingle.Apply(single);
    }

    /// <summary>The sum, its last bit set when it is not exact, so that a later rounding sees that something
    /// follows.</summary>
    private static double AddToOdd(double a, double b)
    {
        var sum = a + b;
        var virtualB = sum - a;
        var error = (a - (sum - virtualB)) + (b - virtualB);
        if (error == 0 || !double.IsFinite(sum)) return sum;
        var bits = BitConverter.DoubleToInt64Bits(sum);
        if ((bits & 1) != 0) return sum;
        bits += (error > 0) == (sum > 0) ? 1 : -1;
        return BitConverter.Int64BitsToDouble(bits);
    }
}
