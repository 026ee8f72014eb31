using System.Numerics;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A vector of f32 lanes of one width. CPU kernels are written once over this interface; the JIT compiles them for each
/// width into plain vector instructions. Fused multiply-add rounds once everywhere, so a kernel gives the same lanes
/// whatever the width.
/// </summary>
internal unsafe interface ILanes<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>,
    ISubtractionOperators<TSelf, TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>,
    IDivisionOperators<TSelf, TSelf, TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>Number of lanes: 16, 8 or 4.</summary>
    static abstract int Count { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf All(float value);

    /// <summary>Reads Count floats, any alignment.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Reads Count bfloat16 values, any alignment, and widens them.</summary>
    static abstract TSelf LoadBF16(ushort* source);

    /// <summary>Reads Count half-precision values, any alignment, and widens them; subnormals, infinities and NaN included.</summary>
    static abstract TSelf LoadF16(ushort* source);

    void Store(float* destination);

    /// <summary>Rounds the lanes to bfloat16, nearest, ties to even, and stores them; NaN stays NaN.</summary>
    void StoreBF16(ushort* destination);

    /// <summary>a·b + c with one rounding.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The smaller of each pair; a NaN in <paramref name="right"/> is kept.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>The larger of each pair; a NaN in <paramref name="right"/> is kept.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    static abstract TSelf Sqrt(TSelf value);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf value);

    /// <summary>2^n for integers n in −126 … 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf n);

    /// <summary>The first with the sign of the second.</summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>Where left &lt; right the third, elsewhere (and at NaN) the fourth.</summary>
    static abstract TSelf IfLess(TSelf left, TSelf right, TSelf then, TSelf otherwise);

    /// <summary>Sum of all lanes, added in pairs.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>Sums of all lanes of each of Count vectors that lie one behind the other.</summary>
    static abstract TSelf Sums(float* vectors);

    /// <summary>Largest lane; NaN when a lane is.</summary>
    static abstract float Largest(TSelf value);

    /// <summary>Sum of all lanes in double precision.</summary>
    static abstract double SumDouble(TSelf value);

    /// <summary>Reads 2·Count floats and stores first those at even, then those at odd places.</summary>
    static abstract void Deinterleave(float* source, float* destination);

    /// <summary>Undoes <see cref="Deinterleave"/>; may be the same memory.</summary>
    static abstract void Interleave(float* source, float* destination);

    /// <summary>Widens the bfloat16 in the lower half of each 32-bit lane.</summary>
    static abstract TSelf LowerBF16(TSelf words);

    /// <summary>Widens the bfloat16 in the upper half of each 32-bit lane.</summary>
    static abstract TSelf UpperBF16(TSelf words);

    /// <summary>Widens the half-precision float in the lower half of each 32-bit lane.</summary>
    static abstract TSelf LowerF16(TSelf words);

    /// <summary>Widens the half-precision float in the upper half of each 32-bit lane.</summary>
    static abstract TSelf UpperF16(TSelf words);

    /// <summary>
    /// Reads Count rows of Count 32-bit words, transposes them and stores, widened: for 4-byte weights line j of the
    /// destination holds element j of every row; for 2-byte weights lines 2j and 2j+1 hold elements 2j and 2j+1.
    /// </summary>
    static abstract void Transpose<TWeight>(byte* source, nint sourcePitchBytes, float* destination, nint destinationPitch)
        where TWeight : IWeight;
}
