using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.Core;

namespace FlamingoGpu.VirtualGpu.Operations;

// The functions behind the frequent instructions, for the generic lane loops of Lanewise.cs.

internal readonly struct Identity<T> : IUnary<T, T>
{
    public static T Apply(T a) => a;
}

internal readonly struct Add<T> : IVectorBinary<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b) => unchecked(a + b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a + b;
}

internal readonly struct Subtract<T> : IVectorBinary<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b) => unchecked(a - b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a - b;
}

internal readonly struct Multiply<T> : IVectorBinary<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b) => unchecked(a * b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a * b;
}

internal readonly struct And<T> : IVectorBinary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a & b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a & b;
}

internal readonly struct Or<T> : IVectorBinary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a | b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a | b;
}

internal readonly struct Xor<T> : IVectorBinary<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a ^ b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => a ^ b;
}

internal readonly struct Not<T> : IUnary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T a) => ~a;
}

internal readonly struct Negate<T> : IUnary<T, T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a) => unchecked(-a);
}

/// <summary>Float sign changes act on the bit, NaN included.</summary>
internal readonly struct FlipSign32 : IUnary<uint, uint>
{
    public static uint Apply(uint a) => a ^ 0x8000_0000;
}

internal readonly struct ClearSign32 : IUnary<uint, uint>
{
    public static uint Apply(uint a) => a & 0x7FFF_FFFF;
}

internal readonly struct MultiplyAdd<T> : IVectorTernary<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b, T c) => unchecked((a * b) + c);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b, Vector256<T> c) => (a * b) + c;
}

internal readonly struct MultiplyWideUnsigned : IBinary<ulong, uint, uint>
{
    public static ulong Apply(uint a, uint b) => (ulong)a * b;
}

internal readonly struct MultiplyWideSigned : IBinary<long, int, int>
{
    public static long Apply(int a, int b) => (long)a * b;
}

internal readonly struct MultiplyAddWideUnsigned : ITernary<ulong, uint, uint, ulong>
{
    public static ulong Apply(uint a, uint b, ulong c) => unchecked(((ulong)a * b) + c);
}

internal readonly struct MultiplyAddWideSigned : ITernary<long, int, int, long>
{
    public static long Apply(int a, int b, long c) => unchecked(((long)a * b) + c);
}

/// <summary>The smaller number; a NaN loses against a number, as PTX has it.</summary>
internal readonly struct Smaller<T> : IVectorBinary<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b) => T.MinNumber(a, b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.MinNumber(a, b);
}

internal readonly struct Larger<T> : IVectorBinary<T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b) => T.MaxNumber(a, b);

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.MaxNumber(a, b);
}

internal readonly struct ShiftLeft32 : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b > 31 ? 0 : a << (int)b;
}

internal readonly struct ShiftLeft64 : IBinary<ulong, ulong, uint>
{
    public static ulong Apply(ulong a, uint b) => b > 63 ? 0 : a << (int)b;
}

internal readonly struct ShiftRight32 : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b > 31 ? 0 : a >> (int)b;
}

internal readonly struct ShiftRight64 : IBinary<ulong, ulong, uint>
{
    public static ulong Apply(ulong a, uint b) => b > 63 ? 0 : a >> (int)b;
}

internal readonly struct ShiftRightSigned32 : IBinary<int, int, uint>
{
    public static int Apply(int a, uint b) => a >> (int)Math.Min(b, 31);
}

internal readonly struct ShiftRightSigned64 : IBinary<long, long, uint>
{
    public static long Apply(long a, uint b) => a >> (int)Math.Min(b, 63);
}

internal readonly struct Divide<T> : IBinary<T, T, T>
    where T : unmanaged, INumber<T>
{
    public static T Apply(T a, T b) => a / b;
}

/// <summary>Signed division as the hardware does it: by zero all ones, the most negative number by -1 itself.</summary>
internal readonly struct QuotientSigned : IBinary<int, int, int>
{
    public static int Apply(int a, int b) => b == 0 ? -1 : b == -1 ? unchecked(-a) : a / b;
}

internal readonly struct QuotientUnsigned : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? uint.MaxValue : a / b;
}

internal readonly struct RemainderSigned : IBinary<int, int, int>
{
    public static int Apply(int a, int b) => b == 0 ? a : b == -1 ? 0 : a % b;
}

internal readonly struct RemainderUnsigned : IBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? a : a % b;
}

internal readonly struct IsEqual<T> : IVectorComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T a, T b) => a == b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b);
}

internal readonly struct IsNotEqual<T> : IVectorComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T a, T b) => a != b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => ~Vector256.Equals(a, b);
}

internal readonly struct IsLess<T> : IVectorComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T a, T b) => a < b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b);
}

internal readonly struct IsLessOrEqual<T> : IVectorComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T a, T b) => a <= b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.LessThanOrEqual(a, b);
}

internal readonly struct IsGreater<T> : IVectorComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T a, T b) => a > b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThan(a, b);
}

internal readonly struct IsGreaterOrEqual<T> : IVectorComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T a, T b) => a >= b;

    public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThanOrEqual(a, b);
}

/// <summary>2ˣ computed in double precision and rounded once; the hardware's error is within 2 units in the last
/// place.</summary>
internal readonly struct Exp2 : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Exp(a * 0.693147180559945309417);
}

internal readonly struct Log2 : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Log2(a);
}

internal readonly struct Reciprocal : IUnary<float, float>
{
    public static float Apply(float a) => 1f / a;
}

internal readonly struct ReciprocalSquareRoot : IUnary<float, float>
{
    public static float Apply(float a) => (float)(1.0 / Math.Sqrt(a));
}

internal readonly struct SquareRoot : IUnary<float, float>
{
    public static float Apply(float a) => MathF.Sqrt(a);
}

internal readonly struct Sine : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Sin(a);
}

internal readonly struct Cosine : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Cos(a);
}

internal readonly struct HyperbolicTangent : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Tanh(a);
}

/// <summary>A function with subnormal inputs and results replaced by zero of the same sign (<c>.ftz</c>).</summary>
internal readonly struct FlushedUnary<TF> : IUnary<float, float>
    where TF : struct, IUnary<float, float>
{
    public static float Apply(float a) => Subnormals.Flush(TF.Apply(Subnormals.Flush(a)));
}

internal readonly struct FlushedBinary<TF> : IBinary<float, float, float>
    where TF : struct, IBinary<float, float, float>
{
    public static float Apply(float a, float b) => Subnormals.Flush(TF.Apply(Subnormals.Flush(a), Subnormals.Flush(b)));
}

internal static class Subnormals
{
    public static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;
}

internal readonly struct WidenUnsigned : IUnary<ulong, uint>
{
    public static ulong Apply(uint a) => a;
}

internal readonly struct WidenSigned : IUnary<long, int>
{
    public static long Apply(int a) => a;
}

internal readonly struct Narrow : IUnary<uint, ulong>
{
    public static uint Apply(ulong a) => (uint)a;
}

internal readonly struct SingleFromSigned : IUnary<float, int>
{
    public static float Apply(int a) => a;
}

internal readonly struct SingleFromUnsigned : IUnary<float, uint>
{
    public static float Apply(uint a) => a;
}

internal readonly struct SingleFromBFloat16 : IUnary<uint, uint>
{
    public static uint Apply(uint a) => a << 16;
}

internal readonly struct SingleFromHalf : IUnary<float, uint>
{
    public static float Apply(uint a) => (float)BitConverter.UInt16BitsToHalf((ushort)a);
}

internal readonly struct BFloat16FromSingle : IUnary<uint, float>
{
    public static uint Apply(float a) => float.IsNaN(a) ? 0x7FFFu : BFloat16.FromSingle(a);
}

internal readonly struct HalfFromSingle : IUnary<uint, float>
{
    public static uint Apply(float a) => float.IsNaN(a) ? 0x7FFFu : BitConverter.HalfToUInt16Bits((Half)a);
}

/// <summary>Two bfloat16 in one register: the first operand lands in the upper half.</summary>
internal readonly struct PackBFloat16 : IBinary<uint, float, float>
{
    public static uint Apply(float a, float b) => (BFloat16FromSingle.Apply(a) << 16) | BFloat16FromSingle.Apply(b);
}

internal readonly struct PackHalf : IBinary<uint, float, float>
{
    public static uint Apply(float a, float b) => (HalfFromSingle.Apply(a) << 16) | HalfFromSingle.Apply(b);
}
