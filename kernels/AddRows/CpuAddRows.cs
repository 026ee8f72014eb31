using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Adds table rows to runs of rows.</summary>
internal sealed unsafe class CpuAddRows<TLanes>(CpuDevice device, AddRows op, BoundTensor x, BoundTensor table, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(x);
    private readonly RowView _table = new(table);
    private readonly RowView _y = new(y);
    private readonly long _tableRows = table.Rows;
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
            Rows.Add<TLanes>(_x.Row(row), _table.Row(row / op.Repeat % _tableRows), _y.Row(row), _columns);
    }
}
