using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>The resampler's attention over media and latents as two sources; an item is a head of a batch entry.</summary>
internal sealed unsafe class CpuLatentAttention<TLanes> : CpuKernel
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly LatentAttention _op;
    private readonly RowView _q;
    private readonly StoredRows _mediaK;
    private readonly StoredRows _mediaV;
    private readonly StoredRows _latentK;
    private readonly StoredRows _latentV;
    private readonly RowView _y;
    private readonly long _batch;
    private readonly int _latents;
    private readonly int _features;

    public CpuLatentAttention(CpuDevice device, LatentAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
        : base(device)
    {
        _op = op;
        (_q, _y) = (new RowView(inputs[0]), new RowView(y));
        (_mediaK, _mediaV) = (new StoredRows(inputs[1]), new StoredRows(inputs[2]));
        (_latentK, _latentV) = (new StoredRows(inputs[3]), new StoredRows(inputs[4]));
        (_batch, _latents, _features) = (y.Shape[0], y.Shape.Int(1), inputs[1].Shape.Int(1));
        device.Scratch.ReservePerWorker(HeadAttention<TLanes, WeightF32>.ScratchBytes(_features + _latents, op.HeadDim));
    }

    /// <inheritdoc/>
    public override string Variant => "head-tiles-two-sources";

    /// <inheritdoc/>
    public override void Run() => Dispatch(_batch * _op.Heads);

    /// <inheritdoc/>
    public override void Execute(int item, int worker)
    {
        var (batch, head) = Math.DivRem(item, _op.Heads);
        var column = head * _op.HeadDim;
        var latent = (long)batch * _latents;
        var task = new HeadTask
        {
            Queries = _q.Row(latent) + column,
            QueryPitch = _q.Pitch,
            QueryCount = _latents,
            First = new KeySource(_mediaK, _mediaV, (long)batch * _features, column, _features),
            Second = new KeySource(_latentK, _latentV, latent, column, _latents),
            HeadDim = _op.HeadDim,
            Scale = _op.Scale,
            FirstVisible = _features + _latents,
            Output = _y.Row(latent) + column,
            OutputPitch = _y.Pitch,
        };
        HeadAttention<TLanes, WeightF32>.Run(task, (float*)Device.Scratch.OfWorker(worker));
    }
}
