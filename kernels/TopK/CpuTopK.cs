// The K largest of each row by insertion: an element enters a sorted list of K when it beats its last member.
// x [rows, Y] f32 (pitched), output [rows, K] i32. O(Y + K · entries); one row an item.

using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Positions of the largest elements.</summary>
internal sealed unsafe class CpuTopK(CpuDevice device, TopK op, BoundTensor x, BoundTensor y)
    : CpuRowKernel(device, x.Rows, x.Columns)
{
    private readonly RowView _x = new(x);
    private readonly int _columns = checked((int)x.Columns);
    private readonly int* _result = (int*)y.Address;

    /// <inheritdoc/>
    public override string Variant => "rows-insertion";

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++)
            Select(new ReadOnlySpan<float>(_x.Row(row), _columns), new Span<int>(_result + row * op.Count, op.Count));
    }

    private static void Select(ReadOnlySpan<float> values, Span<int> best)
    {
        var found = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!(values[i] < float.PositiveInfinity))
            {
                best.Fill(-1);
                return;
            }

            if (found == best.Length && !(values[i] > values[best[^1]])) continue;
            var place = found < best.Length ? found++ : found - 1;
            for (; place > 0 && values[i] > values[best[place - 1]]; place--) best[place] = best[place - 1];
            best[place] = i;
        }
    }
}
