using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class FloatConversionTests
{
    private static readonly ushort[] All16 = [.. Enumerable.Range(0, 65536).Select(value => (ushort)value)];

    [Fact]
    public void HalfToSingle_EveryHalf_IsExact()
    {
        var actual = new float[All16.Length];
        FloatConversion.HalfToSingle(All16, actual);
        foreach (var bits in All16)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf(bits);
            Assert.True(Same(expected, actual[bits]), $"{bits:x4}: {actual[bits]} instead of {expected}");
        }
    }

    [Fact]
    public void BFloat16ToSingle_EveryBFloat16_IsItsUpperHalf()
    {
        var actual = new float[All16.Length];
        FloatConversion.BFloat16ToSingle(All16, actual);
        Assert.All(All16, bits => Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(actual[bits])));
    }

    [Fact]
    public void SingleToHalf_EveryHalfAndItsTies_RoundsAsTheRuntime()
    {
        var values = Neighbourhoods(All16.Select(bits => (double)BitConverter.UInt16BitsToHalf(bits)));
        var actual = new ushort[values.Length];
        FloatConversion.SingleToHalf(values, actual);
        for (var i = 0; i < values.Length; i++)
        {
            var expected = (Half)values[i];
            var found = BitConverter.UInt16BitsToHalf(actual[i]);
            Assert.True(
                Half.IsNaN(expected) ? Half.IsNaN(found) : BitConverter.HalfToUInt16Bits(expected) == actual[i],
                $"{values[i]:R}: {found} instead of {expected}");
        }
    }

    [Fact]
    public void SingleToBFloat16_EveryBFloat16AndItsTies_RoundsAsTheScalar()
    {
        var values = Neighbourhoods(All16.Select(bits => (double)BFloat16.ToSingle(bits)));
        var actual = new ushort[values.Length];
        FloatConversion.SingleToBFloat16(values, actual);
        for (var i = 0; i < values.Length; i++) Assert.Equal(BFloat16.FromSingle(values[i]), actual[i]);
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void Convert_DoubleJustOffATie_RoundsOnce(DType to)
    {
        // Halfway between two 16-bit neighbours, plus less than a float can see: rounding to float first would lose it.
        var ulp = to == DType.F16 ? 1.0 / 1024 : 1.0 / 128;
        double[] values = [1 + (ulp / 2), 1 + (ulp / 2) + 1e-12, 1 + (ulp / 2) - 1e-12, 1 + (3 * ulp / 2) - 1e-12, -1 - (ulp / 2) - 1e-12];
        double[] expected = [1, 1 + ulp, 1, 1 + ulp, -1 - ulp];
        var narrow = new byte[values.Length * 2];
        var wide = new double[values.Length];
        FloatConversion.Convert(MemoryMarshal.AsBytes<double>(values), DType.F64, narrow, to);
        FloatConversion.Convert(narrow, to, MemoryMarshal.AsBytes(wide.AsSpan()), DType.F64);
        Assert.Equal(expected, wide);
    }

    [Fact]
    public void Convert_DoubleExtremes_OverflowAndUnderflowAsIeee()
    {
        double[] values = [double.MaxValue, -1e300, 65519.99, 65520, 1e-300, -1e-300, double.NaN, double.PositiveInfinity, 3.4028235677973366e38];
        var half = Narrow(values, DType.F16);
        Assert.Equal([0x7C00, 0xFC00, 0x7BFF, 0x7C00, 0x0000, 0x8000], half[..6]);
        Assert.Equal(0x7C00, half[7]);
        Assert.True(Half.IsNaN(BitConverter.UInt16BitsToHalf(half[6])));
        var brain = Narrow(values, DType.BF16);
        Assert.Equal([0x7F80, 0xFF80, 0x4780, 0x4780, 0x0000, 0x8000], brain[..6]);
        Assert.Equal([0x7F80, 0x7F80], brain[7..]);
        Assert.True(float.IsNaN(BFloat16.ToSingle(brain[6])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(127)]
    [InlineData(4099)]
    public void Convert_AnyLength_VectorAndRemainderAgree(int length)
    {
        DType[] dtypes = [DType.F64, DType.F32, DType.F16, DType.BF16];
        var random = new Random(length);
        var values = Enumerable.Range(0, length).Select(_ => (random.NextDouble() - 0.5) * 100).ToArray();
        foreach (var from in dtypes)
        {
            var source = new byte[length * from.BitSize() / 8];
            FloatConversion.Convert(MemoryMarshal.AsBytes<double>(values), DType.F64, source, from);
            foreach (var to in dtypes)
            {
                var (fromBytes, toBytes) = (from.BitSize() / 8, to.BitSize() / 8);
                var whole = new byte[length * toBytes];
                FloatConversion.Convert(source, from, whole, to);
                var single = new byte[toBytes];
                for (var i = 0; i < length; i++)
                {
                    FloatConversion.Convert(source.AsSpan(i * fromBytes, fromBytes), from, single, to);
                    Assert.True(whole.AsSpan(i * toBytes, toBytes).SequenceEqual(single), $"{from} to {to}, element {i}");
                }
            }
        }
    }

    [Fact]
    public void Convert_WrongArguments_Throw()
    {
        Assert.Throws<ArgumentException>(() => FloatConversion.Convert(new byte[8], DType.I64, new byte[8], DType.F32));
        Assert.Throws<ArgumentException>(() => FloatConversion.Convert(new byte[8], DType.F32, new byte[8], DType.U8));
        Assert.Throws<ArgumentException>(() => FloatConversion.Convert(new byte[8], DType.F32, new byte[3], DType.BF16));
    }

    /// <summary>Each value, the ties to its neighbours of twice the spacing, and the floats right beside all of those.</summary>
    private static float[] Neighbourhoods(IEnumerable<double> values)
    {
        var sorted = values.Where(double.IsFinite).Distinct().Order().ToArray();
        var result = new List<float> { float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, -0f };
        for (var i = 0; i < sorted.Length; i++)
        {
            var tie = i + 1 < sorted.Length ? (float)((sorted[i] + sorted[i + 1]) / 2) : (float)sorted[i];
            result.AddRange([(float)sorted[i], tie, float.BitIncrement(tie), float.BitDecrement(tie)]);
        }
        return [.. result];
    }

    private static ushort[] Narrow(double[] values, DType to)
    {
        var narrow = new ushort[values.Length];
        FloatConversion.Convert(MemoryMarshal.AsBytes<double>(values), DType.F64, MemoryMarshal.AsBytes(narrow.AsSpan()), to);
        return narrow;
    }

    private static bool Same(float expected, float actual) => float.IsNaN(expected)
        ? float.IsNaN(actual)
        : BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual);
}
