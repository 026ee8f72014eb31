using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Scores of all continuations, row by row; the softmax's sum in double.</summary>
internal sealed unsafe class CpuBeamScores(CpuDevice device, BoundTensor x, BoundTensor sums, BoundTensor banned,
    BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
{
    private readonly RowView _x = new(x);
    private readonly float* _sums = (float*)sums.Address;
    private readonly int* _banned = (int*)banned.Address;
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
        {
            float* source = _x.Row(row), result = _y.Row(row);
            var largest = float.MinValue;
            for (var id = 0; id < _columns; id++) largest = Math.Max(largest, source[id]);
            double sum = 0;
            for (var id = 0; id < _columns; id++) sum += Math.Exp(source[id] - largest);
            var logSum = (float)Math.Log(sum);
            for (var id = 0; id < _columns; id++)
            {
                var score = source[id] - largest - logSum + _sums[row];
                var isBanned = (_banned[id / 32] >> (id % 32) & 1) != 0 && !float.IsNaN(score);
                result[id] = isBanned ? float.NegativeInfinity : score;
            }
        }
    }
}
