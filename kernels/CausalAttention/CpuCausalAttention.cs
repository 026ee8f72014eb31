// Causal self-attention over a key-value cache that it first extends. An item is a run of queries of one head of one
// batch entry; when a step has only one such run (short prompts) the item stores its head's new keys and values
// itself, otherwise a dispatch of its own stores them before.

using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Causal attention with cache, optionally with ALiBi slopes.</summary>
internal sealed unsafe class CpuCausalAttention<TLanes> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int QueriesPerItem = 132;

    private readonly CausalAttention _op;
    private readonly RowView _q;
    private readonly RowView _k;
    private readonly RowView _v;
    private readonly RowView _cacheK;
    private readonly RowView _cacheV;
    private readonly int* _past;
    private readonly float* _slopes;
    private readonly RowView _y;
    private readonly int _batch;
    private readonly int _tokens;
    private readonly int _context;
    private readonly int _chunks;
    private bool _storing;

    public CpuCausalAttention(CpuDevice device, CausalAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
        : base(device)
    {
        (_op, _q, _k, _v, _y) = (op, new RowView(inputs[0]), new RowView(inputs[1]), new RowView(inputs[2]), new RowView(y));
        (_cacheK, _cacheV) = (new RowView(inputs[3]), new RowView(inputs[4]));
        _past = (int*)inputs[5].Address;
        _slopes = op.Alibi ? (float*)inputs[6].Address : null;
        (_batch, _tokens, _context) = (y.Shape.Int(0), y.Shape.Int(1), inputs[3].Shape.Int(1));
        _chunks = (_tokens + QueriesPerItem - 1) / QueriesPerItem;
        device.Scratch.ReservePerWorker(HeadAttention<TLanes>.ScratchBytes(_context, op.HeadDim));
    }

    /// <inheritdoc/>
    public override string Variant => "head-tiles-causal";

    /// <inheritdoc/>
    public override void Run()
    {
        for (var row = 0; row < _batch; row++)
        {
            if (_past[row] < 0 || _past[row] + (long)_tokens > _context)
                throw new InvalidRequestException(
                    $"causal_attention: row {row} holds {_past[row]} tokens and adds {_tokens}; the cache has room for {_context}.");
        }

        if (_chunks > 1)
        {
            _storing = true;
            Dispatch((long)_batch * _tokens);
            _storing = false;
        }

        Dispatch((long)_batch * _op.Heads * _chunks);
    }

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        if (_storing)
        {
            var (row, token) = Math.DivRem(item, _tokens);
            StoreToken(row, token, 0, _op.Heads * _op.HeadDim);
            return;
        }

        var (rest, chunk) = Math.DivRem(item, _chunks);
        var (batch, head) = Math.DivRem(rest, _op.Heads);
        var column = head * _op.HeadDim;
        if (_chunks == 1)
        {
            for (var token = 0; token < _tokens; token++) StoreToken(batch, token, column, _op.HeadDim);
        }

        var query = chunk * QueriesPerItem;
        var firstQuery = (long)batch * _tokens + query;
        var firstKey = (long)batch * _context;
        var past = _past[batch];
        var task = new HeadTask
        {
            Queries = _q.Row(firstQuery) + column,
            QueryPitch = _q.Pitch,
            QueryCount = Math.Min(QueriesPerItem, _tokens - query),
            First = new KeySource(
                _cacheK.Row(firstKey) + column, _cacheK.Pitch, _cacheV.Row(firstKey) + column, _cacheV.Pitch, past + _tokens),
            HeadDim = _op.HeadDim,
            Scale = _op.Scale,
            FirstVisible = past + query + 1,
            VisibleStep = 1,
            Slope = _slopes == null ? 0f : _slopes[head],
            Output = _y.Row(firstQuery) + column,
            OutputPitch = _y.Pitch,
        };
        HeadAttention<TLanes>.Run(task, (float*)Device.Scratch.OfWorker(worker));
    }

    private void StoreToken(int row, int token, int column, int count)
    {
        var source = (long)row * _tokens + token;
        var target = (long)row * _context + _past[row] + token;
        Rows.Copy(_k.Row(source) + column, _cacheK.Row(target) + column, count);
        Rows.Copy(_v.Row(source) + column, _cacheV.Row(target) + column, count);
    }
}
