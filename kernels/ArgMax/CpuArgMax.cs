using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>The largest element of each row, one row an item.</summary>
internal sealed unsafe class CpuArgMax(CpuDevice device, BoundTensor x, BoundTensor y)
    : CpuRowKernel(device, x.Rows, x.Columns)
{
    private readonly RowView _x = new(x);
    private readonly int _columns = checked((int)x.Columns);
    private readonly int* _result = (int*)y.Address;

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <summary>The position, or −1 when nothing can be chosen.</summary>
    public static int Of(ReadOnlySpan<float> row)
    {
        var (best, largest) = (-1, float.NegativeInfinity);
        for (var i = 0; i < row.Length; i++)
        {
            if (!(row[i] < float.PositiveInfinity)) return -1;
            if (row[i] > largest) (best, largest) = (i, row[i]);
        }

        return best;
    }

    /// <inheritdoc/>
    protected override void RunRows(long first, long last)
    {
        for (var row = first; row < last; row++) _result[row] = Of(new ReadOnlySpan<float>(_x.Row(row), _columns));
    }
}
