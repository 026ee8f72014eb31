using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Table lookup with widening. Where the table is also the output matrix, its rows may be interleaved between two runs.
/// </summary>
internal sealed unsafe class CpuEmbedding<TLanes, TWeight>(CpuDevice device, BoundTensor ids, BoundTensor table, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
    where TWeight : IWeight
{
    private readonly int* _ids = (int*)ids.Address;
    private readonly int _tableRows = checked((int)table.Rows);
    private readonly RowView _y = new(y);
    private readonly long _columns = y.Columns;
    private WeightRows _table;

    /// <inheritdoc/>
    public override string Variant => $"rows-{TWeight.Name}";

    /// <inheritdoc/>
    public override void Run()
    {
        var pitchBytes = (nint)table.RowPitch * TWeight.Size;
        _table = new WeightRows((byte*)table.Address, pitchBytes, _tableRows, Device.IsInterleaved(table.Address));
        base.Run();
    }

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            var id = _ids[row];
            if ((uint)id >= (uint)_tableRows)
                throw new InvalidRequestException($"embedding: token id {id} is outside the table of {_tableRows} rows.");
            WidenRow(_table.BlockAt(id), id < _table.Grouped, _y.Row(row));
        }
    }

    /// <summary>Widens a row as a whole, or piece by piece.</summary>
    private void WidenRow(in RowBlock row, bool inPieces, float* destination)
    {
        var step = inPieces ? RowGroups.PieceBytes / TWeight.Size : _columns;
        for (nint column = 0; column < _columns; column += (nint)step)
            Rows.Widen<TLanes, TWeight>(row.At(column * TWeight.Size), destination + column, step);
    }
}
