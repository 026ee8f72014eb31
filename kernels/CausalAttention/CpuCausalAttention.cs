// Causal self-attention over a key-value cache that it first extends. An item is a run of queries of one head of one
// batch entry; when a step has only one such run (short prompts) the item stores its head's new keys and values
// itself, otherwise a dispatch of its own stores them before. Keys and values are rounded to the type of the cache when
// they are stored, and read from there, new ones as well: what a token attends to does not depend on when it came.

using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Causal attention with cache, optionally with ALiBi slopes.</summary>
internal sealed unsafe class CpuCausalAttention<TLanes, TCache> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TCache : IWeight
{
    private const int QueriesPerItem = 132;

    private readonly CausalAttention _op;
    private readonly RotaryTable? _rotary;
    private readonly RowView _q;
    private readonly RowView _k;
    private readonly RowView _v;
    private readonly StoredRows _cacheK;
    private readonly StoredRows _cacheV;
    private readonly int* _past;
    private readonly float* _slopes;
    private readonly RowView _y;
    private readonly int _batch;
    private readonly int _tokens;
    private readonly int _context;
    private readonly int _chunks;
    private bool _storing;

    public CpuCausalAttention(
        CpuDevice device, CausalAttention op, RotaryTable? rotary, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
        : base(device)
    {
        (_op, _rotary) = (op, rotary);
        (_q, _k, _v, _y) = (new RowView(inputs[0]), new RowView(inputs[1]), new RowView(inputs[2]), new RowView(y));
        (_cacheK, _cacheV) = (new StoredRows(inputs[3]), new StoredRows(inputs[4]));
        _past = (int*)inputs[5].Address;
        _slopes = op.Alibi ? (float*)inputs[6].Address : null;
        (_batch, _tokens, _context) = (y.Shape.Int(0), y.Shape.Int(1), inputs[3].Shape.Int(1));
        _chunks = (_tokens + QueriesPerItem - 1) / QueriesPerItem;
        device.Scratch.ReservePerWorker(
            TurnedBytes + HeadAttention<TLanes, TCache>.ScratchBytes(_context, op.HeadDim));
    }

    /// <summary>Room for an item's queries, or for the keys of a token, turned.</summary>
    private long TurnedBytes => _rotary is null ? 0
        : (long)Math.Max(QueriesPerItem, _op.KeyHeadCount) * _op.HeadDim * sizeof(float);

    /// <inheritdoc/>
    public override string Variant => TCache.Size == 4 ? "head-tiles-causal" : $"head-tiles-causal-{TCache.Name}";

    /// <inheritdoc/>
    public override void Run()
    {
        for (var row = 0; row < _batch; row++)
        {
            if (_past[row] < 0 || _past[row] + (long)_tokens > _context)
                throw new InvalidRequestException(
                    $"causal_attention: row {row} holds {_past[row]} tokens and adds {_tokens}; the cache has room for {_context}.");
            for (var token = 0; token < _tokens; token++) _rotary?.Require(_past[row] + token);
        }

        // One run of queries reads just its own head's keys, which it can store itself, unless heads share keys.
        if (_chunks > 1 || _op.KeyHeadCount != _op.Heads)
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
            StoreToken(row, token, 0, _op.KeyHeadCount, turned: (float*)Device.Scratch.OfWorker(worker));
            return;
        }

        var (rest, chunk) = Math.DivRem(item, _chunks);
        var (batch, head) = Math.DivRem(rest, _op.Heads);
        var column = head * _op.HeadDim;
        var group = _op.Heads / _op.KeyHeadCount;
        var keyColumn = head / group * _op.HeadDim;
        var scratch = (float*)Device.Scratch.OfWorker(worker);
        if (_chunks == 1 && group == 1)
        {
            for (var token = 0; token < _tokens; token++) StoreToken(batch, token, keyColumn, 1, turned: scratch);
        }

        var query = chunk * QueriesPerItem;
        var firstQuery = (long)batch * _tokens + query;
        var past = _past[batch];
        var task = new HeadTask
        {
            Queries = _q.Row(firstQuery) + column,
            QueryPitch = _q.Pitch,
            QueryCount = Math.Min(QueriesPerItem, _tokens - query),
            First = new KeySource(_cacheK, _cacheV, (long)batch * _context, keyColumn, past + _tokens),
            HeadDim = _op.HeadDim,
            Scale = _op.Scale,
            FirstVisible = past + query + 1,
            VisibleStep = 1,
            Slope = _slopes == null ? 0f : _slopes[head],
            Output = _y.Row(firstQuery) + column,
            OutputPitch = _y.Pitch,
        };
        if (_rotary is { } table)
        {
            for (var i = 0; i < task.QueryCount; i++)
            {
                table.Turn<TLanes>(
                    task.Queries + i * task.QueryPitch, scratch + i * _op.HeadDim, past + query + i, 1, _op.HeadDim);
            }

            task.Queries = scratch;
            task.QueryPitch = _op.HeadDim;
        }

        HeadAttention<TLanes, TCache>.Run(task, scratch + TurnedBytes / sizeof(float));
    }

    private void StoreToken(int row, int token, int column, int heads, float* turned)
    {
        var source = (long)row * _tokens + token;
        var position = _past[row] + token;
        var target = (long)row * _context + position;
        var key = _k.Row(source) + column;
        if (_rotary is { } table)
        {
            table.Turn<TLanes>(key, turned, position, heads, _op.HeadDim);
            key = turned;
        }

        Rows.Narrow<TLanes, TCache>(key, _cacheK.At(target, column), heads * _op.HeadDim);
        Rows.Narrow<TLanes, TCache>(_v.Row(source) + column, _cacheV.At(target, column), heads * _op.HeadDim);
    }
}
