using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FlamingoGpu.Kernels;

/// <summary>4 lanes in a 128-bit vector.</summary>
internal readonly unsafe struct Lanes4(Vector128<float> value) : ILanes<Lanes4>
{
    private readonly Vector128<float> _value = value;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static Lanes4 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator *(Lanes4 left, Lanes4 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator /(Lanes4 left, Lanes4 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 All(float value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(float* source) => new(Vector128.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadBF16(ushort* source) => new((LoadWide(source) << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadF16(ushort* source) => new(WidenF16(LoadWide(source)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LowerBF16(Lanes4 words) => new((words._value.AsUInt32() << 16).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 UpperBF16(Lanes4 words) =>
        new((words._value.AsUInt32() & Vector128.Create(0xFFFF0000u)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LowerF16(Lanes4 words) =>
        new(WidenF16(words._value.AsUInt32() & Vector128.Create(0xFFFFu)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 UpperF16(Lanes4 words) => new(WidenF16(words._value.AsUInt32() >>> 16));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBF16(ushort* destination)
    {
        var bits = _value.AsUInt32();
        var upper = bits >>> 16;
        var nearest = (bits + Vector128.Create(0x7FFFu) + (upper & Vector128<uint>.One)) >>> 16;
        var isNumber = Vector128.Equals(_value, _value).AsUInt32();
        var rounded = Vector128.ConditionalSelect(isNumber, nearest, upper | Vector128.Create(0x40u));
        Unsafe.WriteUnaligned(destination, Vector128.Narrow(rounded, rounded).AsUInt64().ToScalar());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MultiplyAdd(Lanes4 a, Lanes4 b, Lanes4 c) =>
        new(Vector128.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Min(Lanes4 left, Lanes4 right) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(left._value, right._value), left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 left, Lanes4 right) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Abs(Lanes4 value) => new(Vector128.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Sqrt(Lanes4 value) => new(Vector128.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Round(Lanes4 value) => new(Vector128.Round(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 PowerOfTwo(Lanes4 n) =>
        new(((Vector128.ConvertToInt32Native(n._value) + Vector128.Create(127)) << 23).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 CopySign(Lanes4 magnitude, Lanes4 sign) => new(Vector128.CopySign(magnitude._value, sign._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 IfLess(Lanes4 left, Lanes4 right, Lanes4 then, Lanes4 otherwise) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(left._value, right._value), then._value, otherwise._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes4 value) => Vector128.Sum(value._value);

    /// <inheritdoc/>
    public static Lanes4 Sums(float* vectors)
    {
        var sums = stackalloc float[Count];
        for (var i = 0; i < Count; i++) sums[i] = Sum(Load(vectors + i * Count));
        return Load(sums);
    }

    /// <inheritdoc/>
    public static float Largest(Lanes4 value)
    {
        var largest = value._value.GetElement(0);
        for (var lane = 1; lane < Count; lane++) largest = MathF.Max(largest, value._value.GetElement(lane));
        return largest;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SumDouble(Lanes4 value)
    {
        var (lower, upper) = Vector128.Widen(value._value);
        return Vector128.Sum(lower + upper);
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
        for (var column = 0; column < Count; column++)
        {
            var line = Vector128.Create(
                Word(source, column), Word(source + sourcePitchBytes, column),
                Word(source + 2 * sourcePitchBytes, column), Word(source + 3 * sourcePitchBytes, column));
            StoreLine<TWeight>(line, destination, destinationPitch, column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLine<TWeight>(Vector128<float> line, float* destination, nint pitch, int index)
        where TWeight : IWeight
    {
        if (TWeight.Size == 4)
        {
            line.Store(destination + index * pitch);
        }
        else
        {
            TWeight.Lower(new Lanes4(line)).Store(destination + 2 * index * pitch);
            TWeight.Upper(new Lanes4(line)).Store(destination + (2 * index + 1) * pitch);
        }
    }

    private static float Word(byte* source, int index) => Unsafe.ReadUnaligned<float>(source + index * sizeof(float));

    /// <summary>
    /// Half-precision bits in the lower half of each lane become floats: exponent and mantissa move into place, the bias
    /// differs by 112. Subnormals come from an exact subtraction; a multiplication would meet subnormal floats, which are
    /// slow on some processors.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> WidenF16(Vector128<uint> bits)
    {
        var sign = (bits & Vector128.Create(0x8000u)) << 16;
        var magnitude = (bits & Vector128.Create(0x7FFFu)) << 13;
        var normal = magnitude + Vector128.Create(112u << 23);
        var special = magnitude + Vector128.Create(224u << 23);
        var bias = Vector128.Create(113u << 23);
        var subnormal = ((magnitude + bias).AsSingle() - bias.AsSingle()).AsUInt32();
        var result = Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(1u << 23)), subnormal, normal);
        result = Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(31u << 23)), result, special);
        return (result | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> LoadWide(ushort* source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsUInt16());
}
