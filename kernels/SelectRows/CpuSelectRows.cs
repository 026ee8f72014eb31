using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Gathers rows by number.</summary>
internal sealed unsafe class CpuSelectRows(CpuDevice device, BoundTensor x, BoundTensor rows, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _x = new(x);
    private readonly long _sourceRows = x.Rows;
    private readonly int* _rows = (int*)rows.Address;
    private readonly RowView _y = new(y);
    private readonly long _columns = y.Columns;

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            var source = _rows[row];
            if ((ulong)source >= (ulong)_sourceRows)
                throw new InvalidRequestException($"select_rows: row {source} is outside the tensor of {_sourceRows} rows.");
            Rows.Copy(_x.Row(source), _y.Row(row), _columns);
        }
    }
}
