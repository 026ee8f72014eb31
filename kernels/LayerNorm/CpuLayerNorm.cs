// LayerNorm of f32 rows: mean, then variance of the differences, then scale and shift.
// Inputs x [rows, E] (pitched), weight [E], bias [E] or none; output [rows, E]; may run in place.
// Items of about 64 KiB of rows; a row is read three times, the second and third from L1. Sums in f32 lanes, combined
// in double: at E = 4096 each lane adds 256 values. 8 FLOPs and 8 bytes per element. No limits on E or alignment.

using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Layer normalisation, two passes.</summary>
internal sealed unsafe class CpuLayerNorm<TLanes>(
    CpuDevice device, LayerNorm op, BoundTensor x, BoundTensor weight, nint bias, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(x);
    private readonly float* _weight = (float*)weight.Address;
    private readonly float* _bias = (float*)bias;
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows-two-pass";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunRows(long first, long last)
    {
        var whole = _columns - _columns % TLanes.Count;
        for (var row = first; row < last; row++)
        {
            var source = _x.Row(row);
            var destination = _y.Row(row);
            var mean = (float)(Rows.Sum<TLanes>(source, _columns) / _columns);
            var variance = Rows.SumOfSquares<TLanes>(source, mean, _columns) / _columns;
            var scale = TLanes.All((float)(1 / Math.Sqrt(variance + op.Epsilon)));
            var shift = TLanes.All(mean);
            for (var i = 0; i < whole; i += TLanes.Count)
            {
                var normal = (TLanes.Load(source + i) - shift) * scale;
                var value = _bias == null
                    ? normal * TLanes.Load(_weight + i)
                    : TLanes.MultiplyAdd(normal, TLanes.Load(_weight + i), TLanes.Load(_bias + i));
                value.Store(destination + i);
            }

            if (whole == _columns) continue;
            var rest = _columns - whole;
            var tail = (Rows.LoadPart<TLanes>(source + whole, rest) - shift) * scale;
            tail *= Rows.LoadPart<TLanes>(_weight + whole, rest);
            if (_bias != null) tail += Rows.LoadPart<TLanes>(_bias + whole, rest);
            Rows.StorePart(tail, destination + whole, rest);
        }
    }
}
