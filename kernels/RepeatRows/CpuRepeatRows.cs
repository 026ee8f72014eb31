using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Copies a table once per batch entry.</summary>
internal sealed unsafe class CpuRepeatRows(CpuDevice device, BoundTensor table, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _table = new(table);
    private readonly long _tableRows = table.Rows;
    private readonly RowView _y = new(y);
    private readonly long _columns = y.Columns;

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++) Rows.Copy(_table.Row(row % _tableRows), _y.Row(row), _columns);
    }
}
