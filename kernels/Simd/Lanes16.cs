using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FlamingoGpu.Kernels;

/// <summary>16 lanes in a 512-bit vector.</summary>
internal readonly unsafe struct Lanes16(Vector512<float> value) : ILanes<Lanes16>
{
    private readonly Vector512<float> _value = value;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static Lanes16 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 All(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(float* source) => new(Vector512.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadBF16(ushort* source) => new((LoadWide(source) << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadF16(ushort* source) => new(WidenF16(LoadWide(source)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LowerBF16(Lanes16 words) => new((words._value.AsUInt32() << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 UpperBF16(Lanes16 words) =>
        new((words._value.AsUInt32() & Vector512.Create(0xFFFF0000u)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LowerF16(Lanes16 words) =>
        new(WidenF16(words._value.AsUInt32() & Vector512.Create(0xFFFFu)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 UpperF16(Lanes16 words) => new(WidenF16(words._value.AsUInt32() >>> 16));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBF16(ushort* destination)
    {
        var bits = _value.AsUInt32();
        var upper = bits >>> 16;
        var nearest = (bits + Vector512.Create(0x7FFFu) + (upper & Vector512<uint>.One)) >>> 16;
        var isNumber = Vector512.Equals(_value, _value).AsUInt32();
        var rounded = Vector512.ConditionalSelect(isNumber, nearest, upper | Vector512.Create(0x40u));
        Vector512.Narrow(rounded, rounded).GetLower().Store(destination);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 a, Lanes16 b, Lanes16 c) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Min(Lanes16 left, Lanes16 right) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 left, Lanes16 right) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._value, right._value), left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Abs(Lanes16 value) => new(Vector512.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 value) => new(Vector512.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Round(Lanes16 value) => new(Vector512.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 PowerOfTwo(Lanes16 n) =>
        new(((Vector512.ConvertToInt32Native(n._value) + Vector512.Create(127)) << 23).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 CopySign(Lanes16 magnitude, Lanes16 sign) => new(Vector512.CopySign(magnitude._value, sign._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 IfLess(Lanes16 left, Lanes16 right, Lanes16 then, Lanes16 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), then._value, otherwise._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes16 value)
    {
        var half = value._value.GetLower() + value._value.GetUpper();
        return Vector128.Sum(half.GetLower() + half.GetUpper());
    }

    /// <inheritdoc/>
    public static Lanes16 Sums(float* vectors)
    {
        // Sums of four vectors in each 128-bit block, then of the blocks.
        var (first, second) = (BlockSums(vectors), BlockSums(vectors + 4 * Count));
        var (third, fourth) = (BlockSums(vectors + 8 * Count), BlockSums(vectors + 12 * Count));
        var lower = Avx512F.Shuffle4x128(first, second, 0x88) + Avx512F.Shuffle4x128(first, second, 0xDD);
        var upper = Avx512F.Shuffle4x128(third, fourth, 0x88) + Avx512F.Shuffle4x128(third, fourth, 0xDD);
        return new Lanes16(Avx512F.Shuffle4x128(lower, upper, 0x88) + Avx512F.Shuffle4x128(lower, upper, 0xDD));
    }

    /// <summary>In each 128-bit block the sums of that block of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> BlockSums(float* vectors)
    {
        var (a, b) = (Vector512.Load(vectors), Vector512.Load(vectors + Count));
        var (c, d) = (Vector512.Load(vectors + 2 * Count), Vector512.Load(vectors + 3 * Count));
        var ab = Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);
        var cd = Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d);
        return Avx512F.UnpackLow(ab.AsDouble(), cd.AsDouble()).AsSingle()
            + Avx512F.UnpackHigh(ab.AsDouble(), cd.AsDouble()).AsSingle();
    }

    /// <inheritdoc/>
    public static float Largest(Lanes16 value)
    {
        var largest = value._value.GetElement(0);
        for (var lane = 1; lane < Count; lane++) largest = MathF.Max(largest, value._value.GetElement(lane));
        return largest;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SumDouble(Lanes16 value)
    {
        var (lower, upper) = Vector512.Widen(value._value);
        return Vector512.Sum(lower + upper);
    }

    /// <inheritdoc/>
    public static void Deinterleave(float* source, float* destination)
    {
        var (first, second) = (Vector512.Load(source), Vector512.Load(source + Count));
        var even = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        Avx512F.PermuteVar16x32x2(first, even, second).Store(destination);
        Avx512F.PermuteVar16x32x2(first, even + Vector512.Create(1), second).Store(destination + Count);
    }

    /// <inheritdoc/>
    public static void Interleave(float* source, float* destination)
    {
        var (even, odd) = (Vector512.Load(source), Vector512.Load(source + Count));
        var lower = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        Avx512F.PermuteVar16x32x2(even, lower, odd).Store(destination);
        Avx512F.PermuteVar16x32x2(even, lower + Vector512.Create(8), odd).Store(destination + Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<TWeight>(byte* source, nint sourcePitchBytes, float* destination, nint destinationPitch)
        where TWeight : IWeight
    {
        // Pairs, then quads within 128-bit blocks; then the 4x4 blocks themselves.
        var r0 = Words(source);
        var r1 = Words(source + sourcePitchBytes);
        var r2 = Words(source + 2 * sourcePitchBytes);
        var r3 = Words(source + 3 * sourcePitchBytes);
        var r4 = Words(source + 4 * sourcePitchBytes);
        var r5 = Words(source + 5 * sourcePitchBytes);
        var r6 = Words(source + 6 * sourcePitchBytes);
        var r7 = Words(source + 7 * sourcePitchBytes);
        var r8 = Words(source + 8 * sourcePitchBytes);
        var r9 = Words(source + 9 * sourcePitchBytes);
        var r10 = Words(source + 10 * sourcePitchBytes);
        var r11 = Words(source + 11 * sourcePitchBytes);
        var r12 = Words(source + 12 * sourcePitchBytes);
        var r13 = Words(source + 13 * sourcePitchBytes);
        var r14 = Words(source + 14 * sourcePitchBytes);
        var r15 = Words(source + 15 * sourcePitchBytes);
        var p0 = Avx512F.UnpackLow(r0, r1);
        var p1 = Avx512F.UnpackHigh(r0, r1);
        var p2 = Avx512F.UnpackLow(r2, r3);
        var p3 = Avx512F.UnpackHigh(r2, r3);
        var p4 = Avx512F.UnpackLow(r4, r5);
        var p5 = Avx512F.UnpackHigh(r4, r5);
        var p6 = Avx512F.UnpackLow(r6, r7);
        var p7 = Avx512F.UnpackHigh(r6, r7);
        var p8 = Avx512F.UnpackLow(r8, r9);
        var p9 = Avx512F.UnpackHigh(r8, r9);
        var p10 = Avx512F.UnpackLow(r10, r11);
        var p11 = Avx512F.UnpackHigh(r10, r11);
        var p12 = Avx512F.UnpackLow(r12, r13);
        var p13 = Avx512F.UnpackHigh(r12, r13);
        var p14 = Avx512F.UnpackLow(r14, r15);
        var p15 = Avx512F.UnpackHigh(r14, r15);
        var q0 = Avx512F.UnpackLow(p0.AsDouble(), p2.AsDouble()).AsSingle();
        var q1 = Avx512F.UnpackHigh(p0.AsDouble(), p2.AsDouble()).AsSingle();
        var q2 = Avx512F.UnpackLow(p1.AsDouble(), p3.AsDouble()).AsSingle();
        var q3 = Avx512F.UnpackHigh(p1.AsDouble(), p3.AsDouble()).AsSingle();
        var q4 = Avx512F.UnpackLow(p4.AsDouble(), p6.AsDouble()).AsSingle();
        var q5 = Avx512F.UnpackHigh(p4.AsDouble(), p6.AsDouble()).AsSingle();
        var q6 = Avx512F.UnpackLow(p5.AsDouble(), p7.AsDouble()).AsSingle();
        var q7 = Avx512F.UnpackHigh(p5.AsDouble(), p7.AsDouble()).AsSingle();
        var q8 = Avx512F.UnpackLow(p8.AsDouble(), p10.AsDouble()).AsSingle();
        var q9 = Avx512F.UnpackHigh(p8.AsDouble(), p10.AsDouble()).AsSingle();
        var q10 = Avx512F.UnpackLow(p9.AsDouble(), p11.AsDouble()).AsSingle();
        var q11 = Avx512F.UnpackHigh(p9.AsDouble(), p11.AsDouble()).AsSingle();
        var q12 = Avx512F.UnpackLow(p12.AsDouble(), p14.AsDouble()).AsSingle();
        var q13 = Avx512F.UnpackHigh(p12.AsDouble(), p14.AsDouble()).AsSingle();
        var q14 = Avx512F.UnpackLow(p13.AsDouble(), p15.AsDouble()).AsSingle();
        var q15 = Avx512F.UnpackHigh(p13.AsDouble(), p15.AsDouble()).AsSingle();
        var lower001 = Avx512F.Shuffle4x128(q0, q4, 0x44);
        var upper001 = Avx512F.Shuffle4x128(q0, q4, 0xEE);
        var lower023 = Avx512F.Shuffle4x128(q8, q12, 0x44);
        var upper023 = Avx512F.Shuffle4x128(q8, q12, 0xEE);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower001, lower023, 0x88), destination, destinationPitch, 0);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower001, lower023, 0xDD), destination, destinationPitch, 4);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper001, upper023, 0x88), destination, destinationPitch, 8);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper001, upper023, 0xDD), destination, destinationPitch, 12);
        var lower101 = Avx512F.Shuffle4x128(q1, q5, 0x44);
        var upper101 = Avx512F.Shuffle4x128(q1, q5, 0xEE);
        var lower123 = Avx512F.Shuffle4x128(q9, q13, 0x44);
        var upper123 = Avx512F.Shuffle4x128(q9, q13, 0xEE);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower101, lower123, 0x88), destination, destinationPitch, 1);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower101, lower123, 0xDD), destination, destinationPitch, 5);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper101, upper123, 0x88), destination, destinationPitch, 9);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper101, upper123, 0xDD), destination, destinationPitch, 13);
        var lower201 = Avx512F.Shuffle4x128(q2, q6, 0x44);
        var upper201 = Avx512F.Shuffle4x128(q2, q6, 0xEE);
        var lower223 = Avx512F.Shuffle4x128(q10, q14, 0x44);
        var upper223 = Avx512F.Shuffle4x128(q10, q14, 0xEE);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower201, lower223, 0x88), destination, destinationPitch, 2);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower201, lower223, 0xDD), destination, destinationPitch, 6);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper201, upper223, 0x88), destination, destinationPitch, 10);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper201, upper223, 0xDD), destination, destinationPitch, 14);
        var lower301 = Avx512F.Shuffle4x128(q3, q7, 0x44);
        var upper301 = Avx512F.Shuffle4x128(q3, q7, 0xEE);
        var lower323 = Avx512F.Shuffle4x128(q11, q15, 0x44);
        var upper323 = Avx512F.Shuffle4x128(q11, q15, 0xEE);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower301, lower323, 0x88), destination, destinationPitch, 3);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(lower301, lower323, 0xDD), destination, destinationPitch, 7);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper301, upper323, 0x88), destination, destinationPitch, 11);
        StoreLine<TWeight>(Avx512F.Shuffle4x128(upper301, upper323, 0xDD), destination, destinationPitch, 15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLine<TWeight>(Vector512<float> line, float* destination, nint pitch, int index)
        where TWeight : IWeight
    {
        if (TWeight.Size == 4)
        {
            line.Store(destination + index * pitch);
        }
        else
        {
            TWeight.Lower(new Lanes16(line)).Store(destination + 2 * index * pitch);
            TWeight.Upper(new Lanes16(line)).Store(destination + (2 * index + 1) * pitch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Words(byte* source) => Vector512.Load((float*)source);

    /// <summary>
    /// Half-precision bits in the lower half of each lane become floats: exponent and mantissa move into place, the bias
    /// differs by 112. Subnormals come from an exact subtraction; a multiplication would meet subnormal floats, which are
    /// slow on some processors.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WidenF16(Vector512<uint> bits)
    {
        var sign = (bits & Vector512.Create(0x8000u)) << 16;
        var magnitude = (bits & Vector512.Create(0x7FFFu)) << 13;
        var normal = magnitude + Vector512.Create(112u << 23);
        var special = magnitude + Vector512.Create(224u << 23);
        var bias = Vector512.Create(113u << 23);
        var subnormal = ((magnitude + bias).AsSingle() - bias.AsSingle()).AsUInt32();
        var result = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(1u << 23)), subnormal, normal);
        result = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(31u << 23)), result, special);
        return (result | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> LoadWide(ushort* source) =>
        Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe());
}
