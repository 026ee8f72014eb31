using System.Numerics;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A <see cref="GemvNorm"/> while a kernel is staged: its parameters, and the code that fills shared memory.
/// </summary>
internal sealed class GemvNormCode
{
    /// <summary>Registers of a thread for elements of x, and for those of x, weight and bias together.</summary>
    private const int MostHeld = 32, MostHeldWithWeights = 64;

    private readonly GemvNorm _norm;
    private readonly int _rows;
    private readonly int _stride; // elements of a row that the block reads together
    private readonly int _pieces;
    private readonly FloatPtr _x;
    private readonly S64 _pitch;
    private readonly FloatPtr _weight;
    private readonly FloatPtr _bias;
    private readonly F32 _epsilon;

    /// <summary>Declares the parameters, in the order of <see cref="GemvNorm.Arguments"/>.</summary>
    /// <param name="k">The kernel.</param>
    /// <param name="norm">What to do.</param>
    /// <param name="rows">M.</param>
    public GemvNormCode(KernelBuilder k, GemvNorm norm, int rows)
    {
        (_norm, _rows) = (norm, rows);
        _stride = k.Block.Threads * norm.Vector;
        _pieces = (norm.Capacity + _stride - 1) / _stride;
        _x = k.InputFloats("x", norm.In, (int)norm.In.ByteSize(norm.Vector));
        _pitch = k.Scalar<S64>("x_pitch");
        _weight = k.InputFloats("norm_weight", DType.F32, 4 * norm.Vector);
        if (norm.Bias) _bias = k.InputFloats("norm_bias", DType.F32, 4 * norm.Vector);
        _epsilon = k.Scalar<F32>("epsilon");
    }

    /// <summary>Elements of a row that a thread has.</summary>
    private int Held => _pieces * _norm.Vector;

    private bool HoldsX => _rows * Held <= MostHeld;

    private bool HoldsWeights => HoldsX && (_rows + (_norm.Bias ? 2 : 1)) * Held <= MostHeldWithWeights;

    /// <summary>
    /// Loads what no kernel computes, and gives the code that does the rest: every thread of the block must come there,
    /// and may read all rows behind it. Row m of the result begins at m · <see cref="GemvNorm.Capacity"/>.
    /// </summary>
    /// <param name="to">Type of the result.</param>
    /// <param name="columns">K.</param>
    public Func<SharedFloats> Begin(DType to, S32 columns)
    {
        var weights = Row(_weight, columns, HoldsWeights);
        var shifts = _norm.Bias ? Row(_bias, columns, HoldsWeights) : null;
        return () => Normalise(to, columns, weights, shifts);
    }

    private SharedFloats Normalise(
        DType to, S32 columns, Func<int, S32, F32[]> weights, Func<int, S32, F32[]>? shifts)
    {
        var x = new Func<int, S32, F32[]>[_rows];
        for (var m = 0; m < _rows; m++) x[m] = Row(_x + (S64)m * _pitch, columns, HoldsX);
        var length = columns.ToF32();
        var means = _norm.Centered ? Sums(x, columns, (_, value) => value) : [];
        for (var m = 0; m < means.Length; m++) means[m] /= length;
        F32 Difference(int m, F32 value) => _norm.Centered ? value - means[m] : value;

        var scales = Sums(x, columns, (m, value) => Difference(m, value) * Difference(m, value));
        for (var m = 0; m < _rows; m++) scales[m] = 1f / Sqrt(scales[m] / length + _epsilon);
        var normed = SharedFloats.Array(to, _rows * _norm.Capacity);
        EachPiece(columns, (piece, column) =>
        {
            var (factors, offsets) = (weights(piece, column), shifts?.Invoke(piece, column));
            for (var m = 0; m < _rows; m++)
            {
                var values = x[m](piece, column);
                for (var i = 0; i < values.Length; i++)
                {
                    var normal = Difference(m, values[i]) * scales[m];
                    values[i] = offsets is null ? normal * factors[i] : Fma(normal, factors[i], offsets[i]);
                }

                (normed + column + m * _norm.Capacity).Store(values);
            }
        });
        Barrier();
        return normed;
    }

    /// <summary>The sum of a term over each row, in every thread.</summary>
    private F32[] Sums(Func<int, S32, F32[]>[] x, S32 columns, Func<int, F32, F32> term)
    {
        var sums = new Var<F32>[_rows];
        for (var m = 0; m < _rows; m++) sums[m] = Var(0f);
        EachPiece(columns, (piece, column) =>
        {
            for (var m = 0; m < _rows; m++)
                foreach (var value in x[m](piece, column)) sums[m] += term(m, value);
        });

        var padded = new F32[(int)BitOperations.RoundUpToPowerOf2((uint)_rows)];
        for (var m = 0; m < padded.Length; m++) padded[m] = m < _rows ? sums[m].Value : 0f;
        var sum = WarpSums(padded);
        var warps = _stride / (32 * _norm.Vector);
        var parts = SharedArray<F32>(warps * padded.Length);
        var lanes = 32 / padded.Length; // that hold the same sum
        When((LaneId & (lanes - 1)) == 0, () => parts[WarpId * padded.Length + (LaneId >> int.Log2(lanes))] = sum);
        Barrier();
        var totals = new F32[_rows];
        for (var m = 0; m < _rows; m++)
        {
            totals[m] = parts[m];
            for (var warp = 1; warp < warps; warp++) totals[m] += parts[warp * padded.Length + m];
        }

        return totals;
    }

    /// <summary>A thread's elements of a row, piece by piece: from registers, or from memory each time.</summary>
    private Func<int, S32, F32[]> Row(FloatPtr row, S32 columns, bool isHeld)
    {
        if (!isHeld) return (_, column) => row.Load(column, _norm.Vector);
        var held = new Var<F32>[Held];
        for (var i = 0; i < held.Length; i++) held[i] = Var(0f);
        EachPiece(columns, (piece, column) =>
        {
            var values = row.Load(column, _norm.Vector);
            for (var i = 0; i < values.Length; i++) held[piece * _norm.Vector + i].Set(values[i]);
        });
        return (piece, _) => Array.ConvertAll(
            held[(piece * _norm.Vector)..((piece + 1) * _norm.Vector)], element => element.Value);
    }

    /// <summary>The thread's pieces of a row, numbered and unrolled where something is held in registers.</summary>
    private void EachPiece(S32 columns, Action<int, S32> body)
    {
        var first = ThreadIdx.X * _norm.Vector;
        if (!HoldsX)
        {
            For(first, columns, _stride, column => body(0, column));
            return;
        }

        for (var i = 0; i < _pieces; i++)
        {
            var (piece, column) = (i, first + i * _stride);
            var isWhole = (i + 1) * _stride <= _norm.Capacity - GemvNorm.Granule; // which is less than K
            if (isWhole) body(piece, column);
            else When(column < columns, () => body(piece, column));
        }
    }
}
