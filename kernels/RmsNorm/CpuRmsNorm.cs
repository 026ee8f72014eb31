// RMSNorm of f32 rows: mean square, then scale. Inputs x [rows, E] (pitched), weight [E]; may run in place.
// Items of about 64 KiB of rows; the second read of a row comes from L1. Sums in f32 lanes, combined in double.
// 5 FLOPs and 8 bytes per element. No limits on E or alignment.

using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Root-mean-square normalisation.</summary>
internal sealed unsafe class CpuRmsNorm<TLanes>(
    CpuDevice device, RmsNorm op, BoundTensor x, BoundTensor weight, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(x);
    private readonly float* _weight = (float*)weight.Address;
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunRows(long first, long last)
    {
        var whole = _columns - _columns % TLanes.Count;
        for (var row = first; row < last; row++)
        {
            var source = _x.Row(row);
            var destination = _y.Row(row);
            var meanSquare = Rows.SumOfSquares<TLanes>(source, 0f, _columns) / _columns;
            var scale = TLanes.All((float)(1 / Math.Sqrt(meanSquare + op.Epsilon)));
            for (var i = 0; i < whole; i += TLanes.Count)
                (TLanes.Load(source + i) * scale * TLanes.Load(_weight + i)).Store(destination + i);
            if (whole == _columns) continue;
            var rest = _columns - whole;
            var tail = Rows.LoadPart<TLanes>(source + whole, rest) * scale * Rows.LoadPart<TLanes>(_weight + whole, rest);
            Rows.StorePart(tail, destination + whole, rest);
        }
    }
}
