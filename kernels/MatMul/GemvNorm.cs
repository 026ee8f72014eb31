// The step in front of a product of few rows: z = (x − mean) / √(mean((x − mean)²) + ε) · weight + bias, mean = 0 and
// no bias for RMS normalisation, into shared memory of the product's x type. Every block does it for itself: x, weight
// and bias are a few KB from the caches, and other blocks of the multiprocessor stream their weights meanwhile.
// x [M, K] of In, rows `x_pitch` apart; weight, bias [K] f32. Threads walk K three times (sum, squares, result), all
// rows together; sums in f32: K / threads elements a thread, then butterflies, then warps in order. Short rows are read
// once and stay in registers, weight and bias with them, which come before the wait for the kernel in front.

using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>A normalisation that a <see cref="Gemv"/> does to its rows before it multiplies them.</summary>
/// <param name="In">Type of x.</param>
/// <param name="Centered">True to subtract the mean.</param>
/// <param name="Bias">True when there is a bias.</param>
/// <param name="Vector">Elements of an access: 4 or 1.</param>
/// <param name="Capacity">Elements of shared memory a row has: K, rounded up to a multiple of 256.</param>
internal sealed record GemvNorm(DType In, bool Centered, bool Bias, int Vector, int Capacity)
{
    /// <summary>Most bytes of normalised rows: six blocks of them lie on a multiprocessor.</summary>
    private const int MaxBytes = 32 << 10;

    /// <summary>What <see cref="Capacity"/> is a multiple of.</summary>
    public const int Granule = 256;

    /// <summary>The part of a kernel's name that tells this normalisation.</summary>
    public string Name => (Centered ? "_of_layer_norm" : "_of_rms_norm")
        + $"_{In.ShortName()}x{Vector}{(Bias ? "_bias" : "")}_{Capacity}";

    /// <summary>True when normalised rows of an op fit.</summary>
    public static bool Fits(TensorType normed) =>
        normed.DType.ByteSize(normed.Shape.RowCount * Room(normed)) <= MaxBytes;

    /// <summary>The step for a pair of ops and its operands.</summary>
    public static GemvNorm Of(NormedMatMul op, ReadOnlySpan<BoundTensor> inputs)
    {
        var operands = inputs[..op.NormInputs];
        return new GemvNorm(
            inputs[0].DType, op.Norm is LayerNorm, op.NormInputs == 3, RowAlignment.Allows(4, operands) ? 4 : 1,
            Room(inputs[0].Type));
    }

    /// <summary>The arguments for the parameters that <see cref="GemvNormCode"/> makes.</summary>
    public static KernelArgument[] Arguments(NormedMatMul op, ReadOnlySpan<BoundTensor> inputs)
    {
        var epsilon = op.Norm is LayerNorm layer ? layer.Epsilon : ((RmsNorm)op.Norm).Epsilon;
        return op.NormInputs == 3
            ? [inputs[0], inputs[0].RowPitch, inputs[1], inputs[2], epsilon]
            : [inputs[0], inputs[0].RowPitch, inputs[1], epsilon];
    }

    /// <summary>Bytes it reads at least for [m, k] rows.</summary>
    public long Bytes(long m, long k) => In.ByteSize(m * k) + (Bias ? 8 : 4) * k;

    /// <summary>Floating-point operations for [m, k] rows.</summary>
    public long Flops(long m, long k) => (Centered ? 8 : 5) * m * k;

    private static int Room(TensorType rows) => checked((int)((rows.Shape[^1] + Granule - 1) / Granule * Granule));
}
