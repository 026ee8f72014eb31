using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Applies an activation row by row.</summary>
internal sealed unsafe class CpuActivate<TLanes>(CpuDevice device, Activate op, BoundTensor x, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(x);
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            var source = _x.Row(row);
            var destination = _y.Row(row);
            var i = 0;
            for (; i <= _columns - TLanes.Count; i += TLanes.Count)
                Activations.Apply(op.Function, TLanes.Load(source + i)).Store(destination + i);
            if (i == _columns) continue;
            var rest = Activations.Apply(op.Function, Rows.LoadPart<TLanes>(source + i, _columns - i));
            Rows.StorePart(rest, destination + i, _columns - i);
        }
    }
}
