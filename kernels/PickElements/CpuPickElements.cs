using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Picks elements row by row.</summary>
internal sealed unsafe class CpuPickElements(CpuDevice device, BoundTensor x, BoundTensor positions, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _x = new(x);
    private readonly long _sourceColumns = x.Columns;
    private readonly int* _positions = (int*)positions.Address;
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            for (var i = 0; i < _columns; i++)
            {
                var position = _positions[row * _columns + i];
                _y.Row(row)[i] = (ulong)position < (ulong)_sourceColumns ? _x.Row(row)[position] : float.NaN;
            }
        }
    }
}
