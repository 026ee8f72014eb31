// Draws a token per row: scores are sorted with their ids, then cut by count, by probability and by relative
// probability, and the draw walks the remaining ones. Weights and sums in double. Scratch per worker: 8 bytes per
// column.

using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Sampling over a sorted row, one row an item.</summary>
internal sealed unsafe class CpuSampleToken : CpuKernel
{
    private readonly SampleToken _op;
    private readonly RowView _x;
    private readonly long _rows;
    private readonly int _columns;
    private readonly float* _draws;
    private readonly int* _result;

    public CpuSampleToken(CpuDevice device, SampleToken op, BoundTensor x, BoundTensor draws, BoundTensor y)
        : base(device)
    {
        (_op, _x, _rows, _columns) = (op, new RowView(x), x.Rows, checked((int)x.Columns));
        _draws = (float*)draws.Address;
        _result = (int*)y.Address;
        device.Scratch.ReservePerWorker(8L * _columns);
    }

    /// <inheritdoc/>
    public override string Variant => "rows-sorted";

    /// <inheritdoc/>
    public override void Run() => Dispatch(_rows);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var scratch = (byte*)Device.Scratch.OfWorker(worker);
        var scores = new Span<float>(scratch, _columns);
        var order = new Span<int>(scratch + 4L * _columns, _columns);
        var row = new ReadOnlySpan<float>(_x.Row(item), _columns);
        _result[item] = CpuArgMax.Of(row) < 0 ? -1 : Draw(row, scores, order, _draws[item]);
    }

    private int Draw(ReadOnlySpan<float> row, Span<float> scores, Span<int> order, float draw)
    {
        // Sorting rises and knows nothing of ids; equal scores are put in order of their ids afterwards.
        for (var id = 0; id < row.Length; id++) (order[id], scores[id]) = (id, -(row[id] / _op.Temperature));
        scores.Sort(order);
        for (int first = 0, end; first < row.Length; first = end)
        {
            for (end = first + 1; end < row.Length && scores[end] == scores[first];) end++;
            order[first..end].Sort();
        }

        var best = -scores[0];
        if (!float.IsFinite(best)) return -1; // a small temperature made it infinite
        var count = _op.TopK > 0 ? Math.Min(_op.TopK, row.Length) : row.Length;
        count = Nucleus(scores, best, count);
        var threshold = _op.MinP > 0 ? best + (float)Math.Log(_op.MinP) : float.NegativeInfinity;
        while (count > 1 && -scores[count - 1] < threshold) count--;
        var target = draw * Sum(scores[..count], best);
        for (var i = 0; i < count - 1; i++)
        {
            target -= Weight(scores[i], best);
            if (target < 0) return order[i];
        }

        return order[count - 1];
    }

    private int Nucleus(ReadOnlySpan<float> scores, float best, int count)
    {
        if (_op.TopP >= 1) return count;
        var goal = _op.TopP * Sum(scores[..count], best);
        var kept = 0;
        for (double sum = 0; kept < count && sum < goal; kept++) sum += Weight(scores[kept], best);
        return Math.Max(1, kept);
    }

    private static double Weight(float negatedScore, float best) => Math.Exp(-negatedScore - best);

    private static double Sum(ReadOnlySpan<float> scores, float best)
    {
        double sum = 0;
        foreach (var score in scores) sum += Weight(score, best);
        return sum;
    }
}
