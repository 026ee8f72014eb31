// Causal self-attention of one new token per batch row over the key-value cache.
//
// Bound by reading the cache once. Item = a run of KeysPerItem cache rows of one batch entry, all heads of a row read
// together as one stream (a head alone would be 512 bytes out of every 8 KiB): scores of all heads, a softmax over the
// run, and its weighted values; each item leaves [largest score, sum, values] per head in shared scratch. A second pass
// over the batch rows rescales and adds these parts in order. f32 throughout. The cut into runs depends on nothing but
// the position, so results do not depend on the number of threads. Any H, D, context and pitches.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Causal attention with cache for a single token per row.</summary>
internal sealed unsafe class CpuCausalDecode<TLanes> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int KeysPerItem = 64;

    private readonly CausalAttention _op;
    private readonly RotaryTable? _rotary;
    private readonly RowView _q;
    private readonly RowView _k;
    private readonly RowView _v;
    private readonly RowView _cacheK;
    private readonly RowView _cacheV;
    private readonly int* _past;
    private readonly float* _slopes;
    private readonly RowView _y;
    private readonly int _batch;
    private readonly int _context;
    private readonly int _width;
    private readonly int _partLength;
    private int _runs;
    private bool _combining;

    public CpuCausalDecode(
        CpuDevice device, CausalAttention op, RotaryTable? rotary, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
        : base(device)
    {
        (_op, _rotary) = (op, rotary);
        (_q, _k, _v, _y) = (new RowView(inputs[0]), new RowView(inputs[1]), new RowView(inputs[2]), new RowView(y));
        (_cacheK, _cacheV) = (new RowView(inputs[3]), new RowView(inputs[4]));
        _past = (int*)inputs[5].Address;
        _slopes = op.Alibi ? (float*)inputs[6].Address : null;
        (_batch, _context) = (y.Shape.Int(0), inputs[3].Shape.Int(1));
        _width = op.Heads * op.HeadDim;
        _partLength = (_width + 2 * op.Heads + 15) / 16 * 16;
        var mostRuns = ((long)_context + KeysPerItem - 1) / KeysPerItem;
        device.Scratch.ReserveShared(_batch * mostRuns * _partLength * sizeof(float));
        device.Scratch.ReservePerWorker((op.Heads * KeysPerItem + (rotary is null ? 0 : _width)) * sizeof(float));
    }

    /// <inheritdoc/>
    public override string Variant => "cache-stream";

    /// <inheritdoc/>
    public override void Run()
    {
        var longest = 0;
        for (var row = 0; row < _batch; row++)
        {
            if (_past[row] < 0 || _past[row] >= _context)
                throw new InvalidRequestException(
                    $"causal_attention: row {row} holds {_past[row]} tokens and adds 1; the cache has room for {_context}.");
            var target = (long)row * _context + _past[row];
            _rotary?.Require(_past[row]);
            if (_rotary is { } table)
                table.Turn<TLanes>(_k.Row(row), _cacheK.Row(target), _past[row], _op.KeyHeadCount, _op.HeadDim);
            else
                Rows.Copy(_k.Row(row), _cacheK.Row(target), _op.KeyHeadCount * _op.HeadDim);
            Rows.Copy(_v.Row(row), _cacheV.Row(target), _op.KeyHeadCount * _op.HeadDim);
            longest = Math.Max(longest, _past[row] + 1);
        }

        _runs = (longest + KeysPerItem - 1) / KeysPerItem;
        _combining = false;
        Dispatch((long)_batch * _runs);
        _combining = true;
        Dispatch(_batch);
    }

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        if (_combining)
        {
            Combine(item);
            return;
        }

        var (row, run) = Math.DivRem(item, _runs);
        var first = run * KeysPerItem;
        var keys = Math.Min(KeysPerItem, _past[row] + 1 - first);
        if (keys <= 0) return;
        var (heads, dim) = (_op.Heads, _op.HeadDim);
        var scores = (float*)Device.Scratch.OfWorker(worker);
        var values = Part(row, run);
        var statistics = values + _width;
        var query = _q.Row(row);
        if (_rotary is { } table)
        {
            var turned = scores + heads * KeysPerItem;
            table.Turn<TLanes>(query, turned, _past[row], heads, dim);
            query = turned;
        }

        var group = heads / _op.KeyHeadCount;
        var cacheRow = (long)row * _context + first;
        for (var key = 0; key < keys; key++)
            ScoreHeads(query, _cacheK.Row(cacheRow + key), heads, group, dim, _cacheK.Pitch, scores + key);
        for (var head = 0; head < heads; head++)
        {
            statistics[2 * head + 1] = HeadAttention<TLanes>.Softmax(
                scores + head * KeysPerItem, keys, keys, _op.Scale, _slopes == null ? 0f : _slopes[head], first - _past[row],
                out statistics[2 * head]);
        }

        new Span<float>(values, _width).Clear();
        for (var key = 0; key < keys; key++)
            AddHeads(scores + key, _cacheV.Row(cacheRow + key), heads, group, dim, _cacheV.Pitch, values);
    }

    /// <summary>scores[head · KeysPerItem] = the head's query · key, for all heads of one cache row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreHeads(float* query, float* key, int heads, int group, int dim, nint pitch, float* scores)
    {
        for (var head = 0; head < heads; head++, query += dim, key += head % group == 0 ? dim : 0)
        {
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero;
            nint i = 0;
            for (; i <= dim - 2 * TLanes.Count; i += 2 * TLanes.Count)
            {
                Prefetch(key + i + pitch);
                sum0 = TLanes.MultiplyAdd(TLanes.Load(key + i), TLanes.Load(query + i), sum0);
                sum1 = TLanes.MultiplyAdd(TLanes.Load(key + i + TLanes.Count), TLanes.Load(query + i + TLanes.Count), sum1);
            }

            for (; i <= dim - TLanes.Count; i += TLanes.Count)
                sum0 = TLanes.MultiplyAdd(TLanes.Load(key + i), TLanes.Load(query + i), sum0);
            var score = TLanes.Sum(sum0 + sum1);
            for (; i < dim; i++) score += key[i] * query[i];
            scores[head * KeysPerItem] = score;
        }
    }

    /// <summary>sums[H·D] += weight of the head · value, for all heads of one cache row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddHeads(float* weights, float* value, int heads, int group, int dim, nint pitch, float* sums)
    {
        for (var head = 0; head < heads; head++, value += head % group == 0 ? dim : 0, sums += dim)
        {
            var weight = weights[head * KeysPerItem];
            var lanes = TLanes.All(weight);
            nint i = 0;
            for (; i <= dim - 2 * TLanes.Count; i += 2 * TLanes.Count)
            {
                Prefetch(value + i + pitch);
                TLanes.MultiplyAdd(lanes, TLanes.Load(value + i), TLanes.Load(sums + i)).Store(sums + i);
                TLanes.MultiplyAdd(lanes, TLanes.Load(value + i + TLanes.Count), TLanes.Load(sums + i + TLanes.Count))
                    .Store(sums + i + TLanes.Count);
            }

            for (; i < dim; i++) sums[i] += weight * value[i];
        }
    }

    /// <summary>Asks for the lines of two vectors in the next cache row; never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* address)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(address);
        if (2 * TLanes.Count * sizeof(float) > 64) Sse.Prefetch0(address + TLanes.Count);
    }

    /// <summary>Adds the parts of one batch row: each weighted with e^(its largest score − the largest of
    /// all).</summary>
    private void Combine(int row)
    {
        var (heads, dim) = (_op.Heads, _op.HeadDim);
        var runs = (_past[row] + KeysPerItem) / KeysPerItem;
        for (var head = 0; head < heads; head++)
        {
            var largest = float.NegativeInfinity;
            for (var run = 0; run < runs; run++) largest = MathF.Max(largest, Part(row, run)[_width + 2 * head]);
            var total = 0f;
            var output = _y.Row(row) + head * dim;
            new Span<float>(output, dim).Clear();
            for (var run = 0; run < runs; run++)
            {
                var part = Part(row, run);
                var factor = MathF.Exp(part[_width + 2 * head] - largest);
                total += factor * part[_width + 2 * head + 1];
                HeadAttention<TLanes>.AddScaled(part + head * dim, factor, output, dim);
            }

            HeadAttention<TLanes>.Scale(output, 1f / total, output, dim);
        }
    }

    private float* Part(int row, int run) =>
        (float*)Device.Scratch.Shared + ((nint)row * _runs + run) * _partLength;
}
