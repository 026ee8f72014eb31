// Causal self-attention of one new token per batch row over the key-value cache.
//
// Bound by reading the cache once. Item = a run of KeysPerItem cache rows of one batch entry, all heads of a row read
// together as one stream (a head alone would be 512 bytes out of every 8 KiB): scores of all heads, a softmax over the
// run, and its weighted values; each item leaves [largest score, sum, values] per head in shared scratch. A second pass
// over the batch rows rescales and adds these parts in order. The cut into runs depends on nothing but the position, so
// results do not depend on the number of threads. Any H, D, context and pitches.
//
// The cache may be of a 16-bit type: new rows are rounded to it, all are widened as they are read, and everything else
// is f32. As in RowProducts 32-bit words are widened, the lower half of a word is the even element, the upper half the
// odd one; queries are arranged to match, and so are the sums of values until the parts are added.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Causal attention with cache for a single token per row.</summary>
internal sealed unsafe class CpuCausalDecode<TLanes, TCache> : CpuStreamKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TCache : IWeight
{
    private const int KeysPerItem = 64;

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
        (_cacheK, _cacheV) = (new StoredRows(inputs[3]), new StoredRows(inputs[4]));
        _past = (int*)inputs[5].Address;
        _slopes = op.Alibi ? (float*)inputs[6].Address : null;
        (_batch, _context) = (y.Shape.Int(0), inputs[3].Shape.Int(1));
        _width = op.Heads * op.HeadDim;
        _partLength = (_width + 2 * op.Heads + 15) / 16 * 16;
        var mostRuns = ((long)_context + KeysPerItem - 1) / KeysPerItem;
        device.Scratch.ReserveShared(_batch * mostRuns * _partLength * sizeof(float));
        device.Scratch.ReservePerWorker((op.Heads * KeysPerItem + 2L * _width) * sizeof(float));
    }

    /// <inheritdoc/>
    public override string Variant => TCache.Size == 4 ? "cache-stream" : $"cache-stream-{TCache.Name}";

    /// <inheritdoc/>
    public override void Run()
    {
        var longest = 0;
        for (var row = 0; row < _batch; row++)
        {
            if (_past[row] < 0 || _past[row] >= _context)
                throw new InvalidRequestException(
                    $"causal_attention: row {row} holds {_past[row]} tokens and adds 1; the cache has room for {_context}.");
            Store(row);
            longest = Math.Max(longest, _past[row] + 1);
        }

        _runs = (longest + KeysPerItem - 1) / KeysPerItem;
        _combining = false;
        DispatchStream((long)_batch * _runs);
        _combining = true;
        DispatchStream(_batch);
    }

    /// <summary>Takes a row's new key and value into the cache.</summary>
    private void Store(int row)
    {
        var target = (long)row * _context + _past[row];
        var key = _k.Row(row);
        if (_rotary is { } table)
        {
            table.Require(_past[row]);
            key = (float*)Device.Scratch.OfWorker(0);
            table.Turn<TLanes>(_k.Row(row), key, _past[row], _op.KeyHeadCount, _op.HeadDim);
        }

        Rows.Narrow<TLanes, TCache>(key, _cacheK.At(target), _op.KeyHeadCount * _op.HeadDim);
        Rows.Narrow<TLanes, TCache>(_v.Row(row), _cacheV.At(target), _op.KeyHeadCount * _op.HeadDim);
    }

    /// <inheritdoc/>
    protected override void ExecuteItem(int item, int worker)
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
        var arranged = scores + heads * KeysPerItem;
        var values = Part(row, run);
        var statistics = values + _width;
        var query = _q.Row(row);
        if (_rotary is { } table)
        {
            var turned = arranged + _width;
            table.Turn<TLanes>(query, turned, _past[row], heads, dim);
            query = turned;
        }

        Arrange(query, arranged);
        var group = heads / _op.KeyHeadCount;
        var cacheRow = (long)row * _context + first;
        for (var key = 0; key < keys; key++)
        {
            var next = key + 1 < keys ? _cacheK.At(cacheRow + key + 1) : _cacheV.At(cacheRow);
            ScoreHeads(query, arranged, _cacheK.At(cacheRow + key), heads, group, dim, next, scores + key);
        }

        for (var head = 0; head < heads; head++)
        {
            statistics[2 * head + 1] = HeadAttention<TLanes, TCache>.Softmax(
                scores + head * KeysPerItem, keys, keys, _op.Scale, _slopes == null ? 0f : _slopes[head], first - _past[row],
                out statistics[2 * head]);
        }

        new Span<float>(values, _width).Clear();
        for (var key = 0; key < keys; key++)
        {
            var next = key + 1 < keys ? _cacheV.At(cacheRow + key + 1) : _cacheK.At(cacheRow + keys);
            AddHeads(scores + key, _cacheV.At(cacheRow + key), heads, group, dim, next, values);
        }
    }

    /// <summary>Elements that are widened together, two vectors of them.</summary>
    private static int Block
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Count;
    }

    /// <summary>Puts the whole blocks of every head in the order <see cref="Widen"/> gives.</summary>
    private void Arrange(float* query, float* arranged)
    {
        if (TCache.Size == sizeof(float))
        {
            Rows.Copy(query, arranged, _width);
            return;
        }

        for (var head = 0; head < _op.Heads; head++, query += _op.HeadDim, arranged += _op.HeadDim)
        {
            for (var i = 0; i <= _op.HeadDim - Block; i += Block) TLanes.Deinterleave(query + i, arranged + i);
        }
    }

    /// <summary>Undoes <see cref="Arrange"/> for the sums of a head.</summary>
    private void Rearrange(float* sums)
    {
        if (TCache.Size == sizeof(float)) return;
        for (var i = 0; i <= _op.HeadDim - Block; i += Block) TLanes.Interleave(sums + i, sums + i);
    }

    /// <summary>Reads a block: its first and second half if elements are as wide as words, else even and odd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes First, TLanes Second) Widen(byte* source)
    {
        var words = TLanes.Load((float*)source);
        return TCache.Size == sizeof(float)
            ? (words, TLanes.Load((float*)source + TLanes.Count))
            : (TCache.Lower(words), TCache.Upper(words));
    }

    /// <summary>
    /// scores[head · KeysPerItem] = the head's query · key, for all heads of one cache row; asks for the row to come.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreHeads(
        float* query, float* arranged, byte* key, int heads, int group, nint dim, byte* next, float* scores)
    {
        var ahead = (nint)(next - key);
        for (int head = 0, left = group; head < heads; head++, query += dim, arranged += dim)
        {
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero;
            nint i = 0;
            for (; i <= dim - Block; i += Block)
            {
                var block = key + i * TCache.Size;
                Prefetch(block + ahead);
                var (first, second) = Widen(block);
                sum0 = TLanes.MultiplyAdd(first, TLanes.Load(arranged + i), sum0);
                sum1 = TLanes.MultiplyAdd(second, TLanes.Load(arranged + i + TLanes.Count), sum1);
            }

            for (; i <= dim - TLanes.Count; i += TLanes.Count)
                sum0 = TLanes.MultiplyAdd(TCache.Load<TLanes>(key + i * TCache.Size), TLanes.Load(query + i), sum0);
            var score = TLanes.Sum(sum0 + sum1);
            for (; i < dim; i++) score += TCache.LoadOne(key + i * TCache.Size) * query[i];
            scores[head * KeysPerItem] = score;
            if (--left > 0) continue; // its key is the next head's, too
            left = group;
            key += dim * TCache.Size;
        }
    }

    /// <summary>
    /// sums[H·D] += weight of the head · value, for all heads of one cache row; sums are arranged. Asks for the row to come.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddHeads(float* weights, byte* value, int heads, int group, nint dim, byte* next, float* sums)
    {
        var ahead = (nint)(next - value);
        for (int head = 0, left = group; head < heads; head++, sums += dim)
        {
            var weight = weights[head * KeysPerItem];
            var lanes = TLanes.All(weight);
            nint i = 0;
            for (; i <= dim - Block; i += Block)
            {
                var block = value + i * TCache.Size;
                Prefetch(block + ahead);
                var (first, second) = Widen(block);
                TLanes.MultiplyAdd(lanes, first, TLanes.Load(sums + i)).Store(sums + i);
                TLanes.MultiplyAdd(lanes, second, TLanes.Load(sums + i + TLanes.Count)).Store(sums + i + TLanes.Count);
            }

            for (; i <= dim - TLanes.Count; i += TLanes.Count)
            {
                var part = TCache.Load<TLanes>(value + i * TCache.Size);
                TLanes.MultiplyAdd(lanes, part, TLanes.Load(sums + i)).Store(sums + i);
            }

            for (; i < dim; i++) sums[i] += weight * TCache.LoadOne(value + i * TCache.Size);
            if (--left > 0) continue;
            left = group;
            value += dim * TCache.Size;
        }
    }

    /// <summary>Asks for the lines of a block; never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* address)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(address);
        if (Block * TCache.Size > 64) Sse.Prefetch0(address + 64);
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
                HeadAttention<TLanes, TCache>.AddScaled(part + head * dim, factor, output, dim);
            }

            Rearrange(output);
            HeadAttention<TLanes, TCache>.Scale(output, 1f / total, output, dim);
        }
    }

    private float* Part(int row, int run) =>
        (float*)Device.Scratch.Shared + ((nint)row * _runs + run) * _partLength;
}
