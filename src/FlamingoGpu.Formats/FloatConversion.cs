using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Converts runs of floating-point numbers between f64, f32, f16 and bf16. Widening is exact; narrowing rounds once, to
/// nearest, ties to even, also from f64 to the 16-bit types. Overflow gives infinity; NaN stays NaN. Vector and scalar
/// paths give the same bits.
/// </summary>
public static class FloatConversion
{
    private const int ChunkElements = 4096;

    /// <summary>True for the types this class converts between: f64, f32, f16, bf16.</summary>
    public static bool IsSupported(DType dtype) => dtype is DType.F64 or DType.F32 or DType.F16 or DType.BF16;

    /// <summary>Widens bfloat16 bits; exact.</summary>
    /// <param name="source">bf16 bits.</param>
    /// <param name="destination">As many floats.</param>
    public static void BFloat16ToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        RequireRoom(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(source[i..]));
            (lower << 16).CopyTo(bits[i..]);
            (upper << 16).CopyTo(bits[(i + Vector256<uint>.Count)..]);
        }
        for (; i < source.Length; i++) destination[i] = BFloat16.ToSingle(source[i]);
    }

    /// <summary>Rounds floats to bfloat16 bits.</summary>
    /// <param name="source">Floats.</param>
    /// <param name="destination">As many 16-bit places.</param>
    public static void SingleToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        RequireRoom(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<float, uint>(source);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var lower = RoundToBFloat16(Vector256.Create(bits[i..]));
            var upper = RoundToBFloat16(Vector256.Create(bits[(i + Vector256<uint>.Count)..]));
            Vector256.Narrow(lower, upper).CopyTo(destination[i..]);
        }
        for (; i < source.Length; i++) destination[i] = BFloat16.FromSingle(source[i]);
    }

    /// <summary>Widens f16 bits; exact, subnormals included.</summary>
    /// <param name="source">f16 bits.</param>
    /// <param name="destination">As many floats.</param>
    public static void HalfToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        RequireRoom(source.Length, destination.Length);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(source[i..]));
            WidenHalf(lower).CopyTo(destination[i..]);
            WidenHalf(upper).CopyTo(destination[(i + Vector256<float>.Count)..]);
        }
        for (; i < source.Length; i++) destination[i] = WidenHalf(Vector256.Create((uint)source[i]))[0];
    }

    /// <summary>Rounds floats to f16 bits.</summary>
    /// <param name="source">Floats.</param>
    /// <param name="destination">As many 16-bit places.</param>
    public static void SingleToHalf(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        RequireRoom(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<float, uint>(source);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var lower = RoundToHalf(Vector256.Create(bits[i..]));
            var upper = RoundToHalf(Vector256.Create(bits[(i + Vector256<uint>.Count)..]));
            Vector256.Narrow(lower, upper).CopyTo(destination[i..]);
        }
        for (; i < source.Length; i++) destination[i] = (ushort)RoundToHalf(Vector256.Create(bits[i]))[0];
    }

    /// <summary>Rounds doubles to floats.</summary>
    /// <param name="source">Doubles.</param>
    /// <param name="destination">As many floats.</param>
    public static void DoubleToSingle(ReadOnlySpan<double> source, Span<float> destination)
    {
        RequireRoom(source.Length, destination.Length);
        var i = 0;
        for (; i <= source.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var lower = Vector256.Create(source[i..]);
            var upper = Vector256.Create(source[(i + Vector256<double>.Count)..]);
            Vector256.Narrow(lower, upper).CopyTo(destination[i..]);
        }
        for (; i < source.Length; i++) destination[i] = (float)source[i];
    }

    /// <summary>Converts between any two of the supported types.</summary>
    /// <param name="source">Elements of type <paramref name="from"/>, little-endian, whole.</param>
    /// <param name="from">Type of the source.</param>
    /// <param name="destination">
    /// Room for as many elements of type <paramref name="to"/>; does not overlap the source.
    /// </param>
    /// <param name="to">Type wanted.</param>
    /// <exception cref="ArgumentException">A type is not supported, or the destination is too short.</exception>
    public static void Convert(ReadOnlySpan<byte> source, DType from, Span<byte> destination, DType to)
    {
        if (!IsSupported(from))
            throw new ArgumentException($"{from} is not a convertible floating-point type.", nameof(from));
        if (!IsSupported(to))
            throw new ArgumentException($"{to} is not a convertible floating-point type.", nameof(to));
        var count = source.Length / (from.BitSize() / 8);
        RequireRoom(count, destination.Length / (to.BitSize() / 8));
        if (from == to)
        {
            source.CopyTo(destination);
        }
        else if (from == DType.F32)
        {
            FromSingle(MemoryMarshal.Cast<byte, float>(source), destination, to);
        }
        else if (to == DType.F32)
        {
            ToSingle(source, from, MemoryMarshal.Cast<byte, float>(destination));
        }
        else
        {
            ConvertThroughSingle(source, from, destination, to, count);
        }
    }

    private static void ConvertThroughSingle(
        ReadOnlySpan<byte> source, DType from, Span<byte> destination, DType to, int count)
    {
        var fromBytes = from.BitSize() / 8;
        var toBytes = to.BitSize() / 8;
        Span<float> floats = stackalloc float[ChunkElements];
        for (var start = 0; start < count; start += ChunkElements)
        {
            var length = Math.Min(ChunkElements, count - start);
            var input = source.Slice(start * fromBytes, length * fromBytes);
            var chunk = floats[..length];
            if (from == DType.F64) RoundToOdd(MemoryMarshal.Cast<byte, double>(input), chunk);
            else ToSingle(input, from, chunk);
            FromSingle(chunk, destination.Slice(start * toBytes, length * toBytes), to);
        }
    }

    private static void ToSingle(ReadOnlySpan<byte> source, DType from, Span<float> destination)
    {
        if (from == DType.F64) DoubleToSingle(MemoryMarshal.Cast<byte, double>(source), destination);
        else if (from == DType.F16) HalfToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
        else BFloat16ToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
    }

    private static void FromSingle(ReadOnlySpan<float> source, Span<byte> destination, DType to)
    {
        if (to == DType.F16)
        {
            SingleToHalf(source, MemoryMarshal.Cast<byte, ushort>(destination));
        }
        else if (to == DType.BF16)
        {
            SingleToBFloat16(source, MemoryMarshal.Cast<byte, ushort>(destination));
        }
        else
        {
            var doubles = MemoryMarshal.Cast<byte, double>(destination);
            for (var i = 0; i < source.Length; i++) doubles[i] = source[i];
        }
    }

    /// <summary>
    /// Doubles to floats, inexact ones to the neighbour whose last bit is 1. Rounding that again to 16 bits gives what
    /// one rounding from the double gives, because a float has more than two bits to spare; a float rounded to even
    /// could land on a tie that the double was not on.
    /// </summary>
    private static void RoundToOdd(ReadOnlySpan<double> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var nearest = (float)source[i];
            if (nearest == source[i] || double.IsNaN(source[i]))
            {
                destination[i] = nearest;
                continue;
            }
            var bits = BitConverter.SingleToUInt32Bits(nearest);
            if (Math.Abs((double)nearest) > Math.Abs(source[i])) bits--;
            destination[i] = BitConverter.UInt32BitsToSingle(bits | 1);
        }
    }

    /// <summary>The eight results in the low halves of the lanes.</summary>
    private static Vector256<uint> RoundToBFloat16(Vector256<uint> bits)
    {
        var upper = bits >>> 16;
        var rounded = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256<uint>.One)) >>> 16;
        var isNaN = Vector256.GreaterThan(bits & Vector256.Create(0x7FFF_FFFFu), Vector256.Create(0x7F80_0000u));
        return Vector256.ConditionalSelect(isNaN, upper | Vector256.Create(0x40u), rounded);
    }

    /// <summary>
    /// Moves exponent and mantissa to their float places, which leaves the value 2^112 times too small; the multiply
    /// repairs that exactly and normalises subnormals on the way. Infinity and NaN get their exponent by hand.
    /// </summary>
    private static Vector256<float> WidenHalf(Vector256<uint> half)
    {
        var magnitude = half & Vector256.Create(0x7FFFu);
        var sign = (half & Vector256.Create(0x8000u)) << 16;
        var scaled = ((magnitude << 13).AsSingle() * BitConverter.UInt32BitsToSingle((112 + 127) << 23)).AsUInt32();
        var isSpecial = Vector256.GreaterThan(magnitude, Vector256.Create(0x7BFFu));
        var special = (magnitude << 13) | Vector256.Create(0x7F80_0000u);
        return (Vector256.ConditionalSelect(isSpecial, special, scaled) | sign).AsSingle();
    }

    /// <summary>
    /// The eight results in the low halves of the lanes. Normal results round by adding just under half a unit, and the
    /// carry may grow into infinity; subnormal results let the addition of 0.5 do the rounding, because there the last
    /// place of the sum is the last place of a subnormal f16.
    /// </summary>
    private static Vector256<uint> RoundToHalf(Vector256<uint> bits)
    {
        const uint Infinity = 0x7F80_0000, SmallestNormal = 0x3880_0000;
        const uint BeyondRange = 0x4780_0000, OneHalf = 0x3F00_0000;
        var sign = (bits >>> 16) & Vector256.Create(0x8000u);
        var magnitude = bits & Vector256.Create(0x7FFF_FFFFu);

        var even = (magnitude >>> 13) & Vector256<uint>.One;
        var normal = (magnitude - Vector256.Create(112u << 23) + Vector256.Create(0xFFFu) + even) >>> 13;
        var subnormal = (magnitude.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(OneHalf);
        var quietNaN = ((magnitude >>> 13) & Vector256.Create(0x3FFu)) | Vector256.Create(0x7E00u);

        var result = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude, Vector256.Create(SmallestNormal)), subnormal, normal);
        result = Vector256.ConditionalSelect(
            Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(BeyondRange)), Vector256.Create(0x7C00u), result);
        result = Vector256.ConditionalSelect(
            Vector256.GreaterThan(magnitude, Vector256.Create(Infinity)), quietNaN, result);
        return result | sign;
    }

    private static void RequireRoom(int needed, int available)
    {
        if (available < needed)
        {
            throw new ArgumentException(
                $"the destination has room for {available} elements, {needed} are needed.", nameof(available));
        }
    }
}
