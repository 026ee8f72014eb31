using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Table lookup with widening.</summary>
internal sealed unsafe class CpuEmbedding<TLanes, TWeight>(CpuDevice device, BoundTensor ids, BoundTensor table, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    private readonly int* _ids = (int*)ids.Address;
    private readonly byte* _table = (byte*)table.Address;
    private readonly long _tableRows = table.Rows;
    private readonly long _rowBytes = table.RowPitch * TWeight.Size;
    private readonly RowView _y = new(y);
    private readonly long _columns = y.Columns;

    /// <inheritdoc/>
    public override string Variant => $"rows-{TWeight.Name}";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            var id = _ids[row];
            if ((ulong)id >= (ulong)_tableRows)
                throw new InvalidRequestException($"embedding: token id {id} is outside the table of {_tableRows} rows.");
            Rows.Widen<TLanes, TWeight>(_table + id * _rowBytes, _y.Row(row), _columns);
        }
    }
}
