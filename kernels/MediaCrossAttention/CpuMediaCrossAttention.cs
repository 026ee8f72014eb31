// Cross-attention of text tokens to the latents of their own media. Neighbouring tokens with the same span form one
// task of HeadAttention over just those latents: nothing is masked, nothing is read that is not used. An item is a run of
// tokens of one head of one batch entry.

using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Attention where each token names the media it sees.</summary>
internal sealed unsafe class CpuMediaCrossAttention<TLanes> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int TokensPerItem = 132;

    private readonly MediaCrossAttention _op;
    private readonly RowView _q;
    private readonly StoredRows _k;
    private readonly StoredRows _v;
    private readonly int* _spans;
    private readonly RowView _y;
    private readonly long _batch;
    private readonly int _tokens;
    private readonly int _media;
    private readonly int _latents;
    private readonly int _chunks;

    public CpuMediaCrossAttention(CpuDevice device, MediaCrossAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
        : base(device)
    {
        (_op, _q, _y) = (op, new RowView(inputs[0]), new RowView(y));
        (_k, _v) = (new StoredRows(inputs[1]), new StoredRows(inputs[2]));
        _spans = (int*)inputs[3].Address;
        (_batch, _tokens) = (y.Shape[0], y.Shape.Int(1));
        (_media, _latents) = (inputs[1].Shape.Int(0), inputs[1].Shape.Int(1));
        _chunks = (_tokens + TokensPerItem - 1) / TokensPerItem;
        var keys = checked((long)_media * _latents);
        device.Scratch.ReservePerWorker(HeadAttention<TLanes, WeightF32>.ScratchBytes(keys, op.HeadDim));
    }

    /// <inheritdoc/>
    public override string Variant => "head-tiles-spans";

    /// <inheritdoc/>
    public override void Run()
    {
        for (long token = 0; token < _batch * _tokens; token++)
        {
            var (first, count) = (_spans[2 * token], _spans[2 * token + 1]);
            if (count != 0 && (first < 0 || first + Math.Abs((long)count) > _media))
                throw new InvalidRequestException(
                    $"media_cross_attention: token {token} asks for media {first} … +{Math.Abs((long)count)}, there are {_media}.");
        }

        Dispatch(_batch * _op.Heads * _chunks);
    }

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var (rest, chunk) = Math.DivRem(item, _chunks);
        var (batch, head) = Math.DivRem(rest, _op.Heads);
        var last = Math.Min(_tokens, (chunk + 1) * TokensPerItem);
        var firstToken = (long)batch * _tokens;
        var scratch = (float*)Device.Scratch.OfWorker(worker);
        for (var token = chunk * TokensPerItem; token < last;)
        {
            var spans = _spans + 2 * (firstToken + token);
            var run = 1;
            while (token + run < last && spans[2 * run] == spans[0] && spans[2 * run + 1] == spans[1]) run++;
            RunTokens(firstToken + token, run, spans[0], spans[1], head * _op.HeadDim, scratch);
            token += run;
        }
    }

    private void RunTokens(long token, int count, int firstMedia, int mediaCount, int column, float* scratch)
    {
        if (mediaCount == 0)
        {
            for (var i = 0; i < count; i++) new Span<float>(_y.Row(token + i) + column, _op.HeadDim).Clear();
            return;
        }

        var keys = Math.Abs(mediaCount) * _latents;
        var source = new KeySource(_k, _v, (long)firstMedia * _latents, column, keys);
        if (mediaCount < 0)
        {
            for (var i = 0; i < count; i++)
                HeadAttention<TLanes, WeightF32>.Average(source, _op.HeadDim, _y.Row(token + i) + column, scratch);
            return;
        }

        var task = new HeadTask
        {
            Queries = _q.Row(token) + column,
            QueryPitch = _q.Pitch,
            QueryCount = count,
            First = source,
            HeadDim = _op.HeadDim,
            Scale = _op.Scale,
            FirstVisible = keys,
            Output = _y.Row(token) + column,
            OutputPitch = _y.Pitch,
        };
        HeadAttention<TLanes, WeightF32>.Run(task, scratch);
    }
}
