using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Copies a range of tokens of each batch entry.</summary>
internal sealed unsafe class CpuSliceTokens(CpuDevice device, SliceTokens op, BoundTensor x, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _x = new(x);
    private readonly long _tokens = x.Shape[1];
    private readonly RowView _y = new(y);
    private readonly long _columns = y.Columns;

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            var (batch, token) = Math.DivRem(row, op.Count);
            Rows.Copy(_x.Row(batch * _tokens + op.Start + token), _y.Row(row), _columns);
        }
    }
}
