using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Bans, penalises and checks logits row by row.</summary>
internal sealed unsafe class CpuProcessLogits(
    CpuDevice device, ProcessLogits op, BoundTensor x, BoundTensor banned, BoundTensor seen, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _x = new(x);
    private readonly RowView _y = new(y);
    private readonly int* _banned = (int*)banned.Address;
    private readonly int* _seen = (int*)seen.Address;
    private readonly int _columns = checked((int)y.Columns);
    private readonly long _words = ProcessLogits.WordsFor(y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            float* source = _x.Row(row), result = _y.Row(row);
            var rowSeen = _seen + row * _words;
            for (var id = 0; id < _columns; id++)
            {
                var value = source[id];
                if ((rowSeen[id / 32] >> (id % 32) & 1) != 0)
                    value = value > 0 ? value / op.RepetitionPenalty : value * op.RepetitionPenalty;
                if ((_banned[id / 32] >> (id % 32) & 1) != 0) value = float.NegativeInfinity;
                result[id] = float.IsFinite(source[id]) ? value : float.NaN;
            }
        }
    }
}
