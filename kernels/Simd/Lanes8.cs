using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FlamingoGpu.Kernels;

/// <summary>8 lanes in a 256-bit vector.</summary>
internal readonly unsafe struct Lanes8(Vector256<float> value) : ILanes<Lanes8>
{
    private readonly Vector256<float> _value = value;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static Lanes8 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 left, Lanes8 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 left, Lanes8 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 All(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(float* source) => new(Vector256.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadBF16(ushort* source) => new((LoadWide(source) << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadF16(ushort* source) => new(WidenF16(LoadWide(source)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LowerBF16(Lanes8 words) => new((words._value.AsUInt32() << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 UpperBF16(Lanes8 words) =>
        new((words._value.AsUInt32() & Vector256.Create(0xFFFF0000u)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LowerF16(Lanes8 words) =>
        new(WidenF16(words._value.AsUInt32() & Vector256.Create(0xFFFFu)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 UpperF16(Lanes8 words) => new(WidenF16(words._value.AsUInt32() >>> 16));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBF16(ushort* destination)
    {
        var bits = _value.AsUInt32();
        var upper = bits >>> 16;
        var nearest = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256<uint>.One)) >>> 16;
        var isNumber = Vector256.Equals(_value, _value).AsUInt32();
        var rounded = Vector256.ConditionalSelect(isNumber, nearest, upper | Vector256.Create(0x40u));
        Vector256.Narrow(rounded, rounded).GetLower().Store(destination);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 a, Lanes8 b, Lanes8 c) =>
        new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Min(Lanes8 left, Lanes8 right) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Max(Lanes8 left, Lanes8 right) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(left._value, right._value), left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Abs(Lanes8 value) => new(Vector256.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sqrt(Lanes8 value) => new(Vector256.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Round(Lanes8 value) => new(Vector256.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 PowerOfTwo(Lanes8 n) =>
        new(((Vector256.ConvertToInt32Native(n._value) + Vector256.Create(127)) << 23).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 CopySign(Lanes8 magnitude, Lanes8 sign) => new(Vector256.CopySign(magnitude._value, sign._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 IfLess(Lanes8 left, Lanes8 right, Lanes8 then, Lanes8 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), then._value, otherwise._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes8 value) => Vector256.Sum(value._value);

    /// <inheritdoc/>
    public static Lanes8 Sums(float* vectors)
    {
        var sums = stackalloc float[Count];
        for (var i = 0; i < Count; i++) sums[i] = Sum(Load(vectors + i * Count));
        return Load(sums);
    }

    /// <inheritdoc/>
    public static float Largest(Lanes8 value)
    {
        var largest = value._value.GetElement(0);
        for (var lane = 1; lane < Count; lane++) largest = MathF.Max(largest, value._value.GetElement(lane));
        return largest;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SumDouble(Lanes8 value)
    {
        var (lower, upper) = Vector256.Widen(value._value);
        return Vector256.Sum(lower + upper);
    }

    /// <inheritdoc/>
    public static void Deinterleave(float* source, float* destination)
    {
        for (var i = 0; i < Count; i++)
        {
            destination[i] = source[2 * i];
            destination[Count + i] = source[2 * i + 1];
        }
    }

    /// <inheritdoc/>
    public static void Interleave(float* source, float* destination)
    {
        var lanes = stackalloc float[2 * Count];
        for (var i = 0; i < Count; i++) (lanes[2 * i], lanes[2 * i + 1]) = (source[i], source[Count + i]);
        for (var i = 0; i < 2 * Count; i++) destination[i] = lanes[i];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<TWeight>(byte* source, nint sourcePitchBytes, float* destination, nint destinationPitch)
        where TWeight : IWeight
    {
        // Pairs, then quads within 128-bit halves, then the halves.
        var r0 = Words(source);
        var r1 = Words(source + sourcePitchBytes);
        var r2 = Words(source + 2 * sourcePitchBytes);
        var r3 = Words(source + 3 * sourcePitchBytes);
        var r4 = Words(source + 4 * sourcePitchBytes);
        var r5 = Words(source + 5 * sourcePitchBytes);
        var r6 = Words(source + 6 * sourcePitchBytes);
        var r7 = Words(source + 7 * sourcePitchBytes);
        var p0 = Avx.UnpackLow(r0, r1);
        var p1 = Avx.UnpackHigh(r0, r1);
        var p2 = Avx.UnpackLow(r2, r3);
        var p3 = Avx.UnpackHigh(r2, r3);
        var p4 = Avx.UnpackLow(r4, r5);
        var p5 = Avx.UnpackHigh(r4, r5);
        var p6 = Avx.UnpackLow(r6, r7);
        var p7 = Avx.UnpackHigh(r6, r7);
        var q0 = Avx.UnpackLow(p0.AsDouble(), p2.AsDouble()).AsSingle();
        var q1 = Avx.UnpackHigh(p0.AsDouble(), p2.AsDouble()).AsSingle();
        var q2 = Avx.UnpackLow(p1.AsDouble(), p3.AsDouble()).AsSingle();
        var q3 = Avx.UnpackHigh(p1.AsDouble(), p3.AsDouble()).AsSingle();
        var q4 = Avx.UnpackLow(p4.AsDouble(), p6.AsDouble()).AsSingle();
        var q5 = Avx.UnpackHigh(p4.AsDouble(), p6.AsDouble()).AsSingle();
        var q6 = Avx.UnpackLow(p5.AsDouble(), p7.AsDouble()).AsSingle();
        var q7 = Avx.UnpackHigh(p5.AsDouble(), p7.AsDouble()).AsSingle();
        StoreLine<TWeight>(Avx.Permute2x128(q0, q4, 0x20), destination, destinationPitch, 0);
        StoreLine<TWeight>(Avx.Permute2x128(q0, q4, 0x31), destination, destinationPitch, 4);
        StoreLine<TWeight>(Avx.Permute2x128(q1, q5, 0x20), destination, destinationPitch, 1);
        StoreLine<TWeight>(Avx.Permute2x128(q1, q5, 0x31), destination, destinationPitch, 5);
        StoreLine<TWeight>(Avx.Permute2x128(q2, q6, 0x20), destination, destinationPitch, 2);
        StoreLine<TWeight>(Avx.Permute2x128(q2, q6, 0x31), destination, destinationPitch, 6);
        StoreLine<TWeight>(Avx.Permute2x128(q3, q7, 0x20), destination, destinationPitch, 3);
        StoreLine<TWeight>(Avx.Permute2x128(q3, q7, 0x31), destination, destinationPitch, 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLine<TWeight>(Vector256<float> line, float* destination, nint pitch, int index)
        where TWeight : IWeight
    {
        if (TWeight.Size == 4)
        {
            line.Store(destination + index * pitch);
        }
        else
        {
            TWeight.Lower(new Lanes8(line)).Store(destination + 2 * index * pitch);
            TWeight.Upper(new Lanes8(line)).Store(destination + (2 * index + 1) * pitch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Words(byte* source) => Vector256.Load((float*)source);

    /// <summary>
    /// Half-precision bits in the lower half of each lane become floats: exponent and mantissa move into place, the bias
    /// differs by 112. Subnormals come from an exact subtraction; a multiplication would meet subnormal floats, which are
    /// slow on some processors.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenF16(Vector256<uint> bits)
    {
        var sign = (bits & Vector256.Create(0x8000u)) << 16;
        var magnitude = (bits & Vector256.Create(0x7FFFu)) << 13;
        var normal = magnitude + Vector256.Create(112u << 23);
        var special = magnitude + Vector256.Create(224u << 23);
        var bias = Vector256.Create(113u << 23);
        var subnormal = ((magnitude + bias).AsSingle() - bias.AsSingle()).AsUInt32();
        var result = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(1u << 23)), subnormal, normal);
        result = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(31u << 23)), result, special);
        return (result | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> LoadWide(ushort* source) =>
        Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe());
}
