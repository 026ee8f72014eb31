// LayerNorm of f32 rows: mean, then variance of the differences, then scale and shift.
// Inputs x [rows, groups·E] (pitched), weight [E] and bias [E] or none of each group; output [rows, groups·E]; may run
// in place.
// Items of about 64 KiB of rows; a row is read three times, the second and third from L1. Sums in f32 lanes, combined
// in double: at E = 4096 each lane adds 256 values. 8 FLOPs and 8 bytes per element. No limits on E or alignment.

using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Layer normalisation, two passes.</summary>
internal sealed unsafe class CpuLayerNorm<TLanes>(
    CpuDevice device, LayerNorm op, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(inputs[0]);
    private readonly nint[] _parameters = Addresses(inputs[1..]); // weights, then biases
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)(y.Columns / op.Groups));

    /// <inheritdoc/>
    public override string Variant => "rows-two-pass";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            for (var group = 0; group < op.Groups; group++)
            {
                var bias = op.Bias ? (float*)_parameters[op.Groups + group] : null;
                var column = group * _columns;
                Normalise(_x.Row(row) + column, (float*)_parameters[group], bias, _y.Row(row) + column);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Normalise(float* source, float* weight, float* bias, float* destination)
    {
        var whole = _columns - _columns % TLanes.Count;
        var mean = (float)(Rows.Sum<TLanes>(source, _columns) / _columns);
        var variance = Rows.SumOfSquares<TLanes>(source, mean, _columns) / _columns;
        var scale = TLanes.All((float)(1 / Math.Sqrt(variance + op.Epsilon)));
        var shift = TLanes.All(mean);
        for (var i = 0; i < whole; i += TLanes.Count)
        {
            var normal = (TLanes.Load(source + i) - shift) * scale;
            var value = bias == null
                ? normal * TLanes.Load(weight + i)
                : TLanes.MultiplyAdd(normal, TLanes.Load(weight + i), TLanes.Load(bias + i));
            value.Store(destination + i);
        }

        if (whole == _columns) return;
        var rest = _columns - whole;
        var tail = (Rows.LoadPart<TLanes>(source + whole, rest) - shift) * scale;
        tail *= Rows.LoadPart<TLanes>(weight + whole, rest);
        if (bias != null) tail += Rows.LoadPart<TLanes>(bias + whole, rest);
        Rows.StorePart(tail, destination + whole, rest);
    }

    private static nint[] Addresses(ReadOnlySpan<BoundTensor> tensors)
    {
        var addresses = new nint[tensors.Length];
        for (var i = 0; i < addresses.Length; i++) addresses[i] = tensors[i].Address;
        return addresses;
    }
}
