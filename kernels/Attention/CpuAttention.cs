using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Unmasked attention; an item is a run of queries of one head of one batch entry.</summary>
internal sealed unsafe class CpuAttention<TLanes> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int QueriesPerItem = 132;

    private readonly Attention _op;
    private readonly RowView _q;
    private readonly StoredRows _k;
    private readonly StoredRows _v;
    private readonly RowView _y;
    private readonly long _batch;
    private readonly int _queries;
    private readonly int _keys;
    private readonly int _chunks;

    public CpuAttention(CpuDevice device, Attention op, BoundTensor q, BoundTensor k, BoundTensor v, BoundTensor y)
        : base(device)
    {
        (_op, _q, _k, _v, _y) = (op, new RowView(q), new StoredRows(k), new StoredRows(v), new RowView(y));
        (_batch, _queries, _keys) = (q.Shape[0], q.Shape.Int(1), k.Shape.Int(1));
        _chunks = (_queries + QueriesPerItem - 1) / QueriesPerItem;
        device.Scratch.ReservePerWorker(HeadAttention<TLanes, WeightF32>.ScratchBytes(_keys, op.HeadDim));
    }

    /// <inheritdoc/>
    public override string Variant => "head-tiles";

    /// <inheritdoc/>
    public override void Run() => Dispatch(_batch * _op.Heads * _chunks);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var (rest, chunk) = Math.DivRem(item, _chunks);
        var (batch, head) = Math.DivRem(rest, _op.Heads);
        var column = head * _op.HeadDim;
        var query = chunk * QueriesPerItem;
        var firstQuery = (long)batch * _queries + query;
        var task = new HeadTask
        {
            Queries = _q.Row(firstQuery) + column,
            QueryPitch = _q.Pitch,
            QueryCount = Math.Min(QueriesPerItem, _queries - query),
            First = new KeySource(_k, _v, (long)batch * _keys, column, _keys),
            HeadDim = _op.HeadDim,
            Scale = _op.Scale,
            FirstVisible = _keys,
            Output = _y.Row(firstQuery) + column,
            OutputPitch = _y.Pitch,
        };
        HeadAttention<TLanes, WeightF32>.Run(task, (float*)Device.Scratch.OfWorker(worker));
    }
}
