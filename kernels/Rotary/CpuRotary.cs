// Rotary embedding: elements i and i + R/2 of each head turn by position · base^(−2i/R), R = RotaryDims.
// Inputs x [B, S, H·D] (pitched), positions [B, S]; output contiguous. Sines come from a table shared by all kernels of
// the same R and base; its angles are rounded to f32 as in the reference implementations, whose tables are f32 and
// whose rounding is visible at large positions. 3 FLOPs and 8 bytes per element. R even; D and R of any size.

using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Turns query and key heads by position.</summary>
internal sealed unsafe class CpuRotary<TLanes>(
    CpuDevice device, Rotary op, RotaryTable table, BoundTensor x, BoundTensor positions, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(x);
    private readonly int* _positions = (int*)positions.Address;
    private readonly RowView _y = new(y);
    private readonly long _rows = y.Rows;

    /// <inheritdoc/>
    public override string Variant => "rows-half-split";

    /// <inheritdoc/>
    public override void Run()
    {
        for (long row = 0; row < _rows; row++)
        {
            if (_positions[row] < 0)
                throw new InvalidRequestException($"rotary: position {_positions[row]} of token {row} is negative.");
            table.Require(_positions[row]);
        }

        base.Run();
    }

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
            table.Turn<TLanes>(_x.Row(row), _y.Row(row), _positions[row], op.Heads, op.HeadDim);
    }
}
