// Log-softmax of f32 rows: largest element, sum of exponentials (each f32, added in double), then one subtraction.
// Input x [rows, Y] (pitched); may run in place. A row is an item. 8 bytes per element, three reads.

using System.Runtime.CompilerServices;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Log-probabilities of each row.</summary>
internal sealed unsafe class CpuLogSoftmax<TLanes>(CpuDevice device, BoundTensor x, BoundTensor y)
    : CpuRowKernel(device, y.Rows, y.Columns)
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly RowView _x = new(x);
    private readonly RowView _y = new(y);
    private readonly int _columns = checked((int)y.Columns);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunRows(long first, long last)
    {
        var whole = _columns - _columns % TLanes.Count;
        var rest = _columns - whole;
        for (var row = first; row < last; row++)
        {
            var source = _x.Row(row);
            var destination = _y.Row(row);
            var largest = TLanes.All(Rows.Largest<TLanes>(source, _columns));
            double sum = 0;
            for (var i = 0; i < whole; i += TLanes.Count)
                sum += TLanes.SumDouble(VectorMath.Exp(TLanes.Load(source + i) - largest));
            if (rest > 0)
                sum += TLanes.SumDouble(VectorMath.Exp(Rows.LoadPart<TLanes>(source + whole, rest, float.NegativeInfinity) - largest));
            var logSum = TLanes.All((float)Math.Log(sum));
            for (var i = 0; i < whole; i += TLanes.Count)
                (TLanes.Load(source + i) - largest - logSum).Store(destination + i);
            if (rest > 0)
                Rows.StorePart(Rows.LoadPart<TLanes>(source + whole, rest) - largest - logSum, destination + whole, rest);
        }
    }
}
