// The step in front of a product of few rows: z = (x − mean) / √(mean((x − mean)²) + ε) · weight + bias, mean = 0 and
// no bias for RMS normalisation, into shared memory of the product's x type. Every block does it for itself: x, weight
// and bias are a few KB from the caches, and other blocks of the multiprocessor stream their weights meanwhile.
// x [M, K] of In, rows `x_pitch` apart; weight, bias [K] f32. Threads walk K three times (sum, squares, result), all
// rows together; sums in f32: K / threads elements a thread, then butterflies, then warps in order.

using System.Numerics;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>A normalisation that a <see cref="Gemv"/> does to its rows before it multiplies them.</summary>
/// <param name="In">Type of x.</param>
/// <param name="Centered">True to subtract the mean.</param>
/// <param name="Bias">True when there is a bias.</param>
/// <param name="Vector">Elements of an access: 4 or 1.</param>
/// <param name="Capacity">Elements of shared memory a row has: at least K.</param>
internal sealed record GemvNorm(DType In, bool Centered, bool Bias, int Vector, int Capacity)
{
    /// <summary>Most bytes of normalised rows: six blocks of them lie on a multiprocessor.</summary>
    private const int MaxBytes = 32 << 10;

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

    /// <summary>The arguments for the parameters that <see cref="Declare"/> makes.</summary>
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

    /// <summary>
    /// Declares the parameters and gives the code that fills shared memory: every thread of the block must come there,
    /// and may read all rows behind it. Row m of the result begins at m · <see cref="Capacity"/>.
    /// </summary>
    /// <param name="k">The kernel.</param>
    /// <param name="to">Type of the result.</param>
    /// <param name="rows">M, a power of two or not.</param>
    /// <param name="warps">Warps of the block.</param>
    public Func<S32, SharedFloats> Declare(KernelBuilder k, DType to, int rows, int warps)
    {
        var x = k.InputFloats("x", In, (int)In.ByteSize(Vector));
        var pitch = k.Scalar<S64>("x_pitch");
        var weight = k.InputFloats("norm_weight", DType.F32, 4 * Vector);
        var bias = Bias ? k.InputFloats("norm_bias", DType.F32, 4 * Vector) : default;
        var epsilon = k.Scalar<F32>("epsilon");
        return columns =>
        {
            var source = new FloatPtr[rows];
            for (var m = 0; m < rows; m++) source[m] = x + (S64)m * pitch;
            var length = columns.ToF32();
            var means = Centered ? Sums(source, columns, warps, (_, value) => value) : [];
            for (var m = 0; m < means.Length; m++) means[m] /= length;
            F32 Difference(int m, F32 value) => Centered ? value - means[m] : value;

            var scales = Sums(source, columns, warps, (m, value) => Difference(m, value) * Difference(m, value));
            for (var m = 0; m < rows; m++) scales[m] = 1f / Sqrt(scales[m] / length + epsilon);
            var normed = SharedFloats.Array(to, rows * Capacity);
            EachPiece(columns, warps, column =>
            {
                var weights = weight.Load(column, Vector);
                var shifts = Bias ? bias.Load(column, Vector) : [];
                for (var m = 0; m < rows; m++)
                {
                    var values = source[m].Load(column, Vector);
                    for (var i = 0; i < Vector; i++)
                    {
                        var normal = Difference(m, values[i]) * scales[m];
                        values[i] = Bias ? Fma(normal, weights[i], shifts[i]) : normal * weights[i];
                    }

                    (normed + column + m * Capacity).Store(values);
                }
            });
            Barrier();
            return normed;
        };
    }

    /// <summary>The sum of a term over each row, in every thread.</summary>
    private F32[] Sums(FloatPtr[] source, S32 columns, int warps, Func<int, F32, F32> term)
    {
        var sums = new Var<F32>[source.Length];
        for (var m = 0; m < sums.Length; m++) sums[m] = Var(0f);
        EachPiece(columns, warps, column =>
        {
            for (var m = 0; m < sums.Length; m++)
                foreach (var value in source[m].Load(column, Vector)) sums[m] += term(m, value);
        });

        var padded = new F32[(int)BitOperations.RoundUpToPowerOf2((uint)sums.Length)];
        for (var m = 0; m < padded.Length; m++) padded[m] = m < sums.Length ? sums[m].Value : 0f;
        var sum = WarpSums(padded);
        var parts = SharedArray<F32>(warps * padded.Length);
        var lanes = 32 / padded.Length; // that hold the same sum
        When((LaneId & (lanes - 1)) == 0, () => parts[WarpId * padded.Length + (LaneId >> int.Log2(lanes))] = sum);
        Barrier();
        var totals = new F32[sums.Length];
        for (var m = 0; m < totals.Length; m++)
        {
            totals[m] = parts[m];
            for (var warp = 1; warp < warps; warp++) totals[m] += parts[warp * padded.Length + m];
        }

        return totals;
    }

    private void EachPiece(S32 columns, int warps, Action<S32> body) =>
        For(ThreadIdx.X * Vector, columns, 32 * warps * Vector, body);

    private static int Room(TensorType rows) => checked((int)((rows.Shape[^1] + 255) / 256 * 256));
}
