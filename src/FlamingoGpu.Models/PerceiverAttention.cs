using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Attention of the learned latents over media features and over themselves (open_flamingo helpers.py
/// PerceiverAttention; Flamingo 2022, §3.1.1): q from the latents, k and v from [media ; latents].
/// </summary>
public sealed class PerceiverAttention
{
    private readonly Norm _normMedia;
    private readonly Norm _normLatents;
    private readonly Linear _toQ;
    private readonly Linear _toKv;
    private readonly Linear _toOut;
    private readonly int _heads;
    private readonly int _headDim;

    /// <summary>Takes the tensors from the scope.</summary>
    public PerceiverAttention(WeightScope scope, long width, int heads, int headDim)
    {
        long inner = heads * headDim;
        _heads = heads;
        _headDim = headDim;
        _normMedia = new Norm(scope["norm_media"], width);
        _normLatents = new Norm(scope["norm_latents"], width);
        _toQ = new Linear(scope["to_q"], inner, width);
        _toKv = new Linear(scope["to_kv"], 2 * inner, width); // rows k, then v
        _toOut = new Linear(scope["to_out"], width, inner);
    }

    /// <summary>Runs the attention.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="media">[batch, features, width].</param>
    /// <param name="latents">[batch, latents, width].</param>
    /// <param name="residual">[batch, latents, width] to add, or null.</param>
    /// <returns>[batch, latents, width].</returns>
    public Value Forward(GraphBuilder g, Value media, Value latents, Value? residual = null)
    {
        long inner = _heads * _headDim;
        var normedLatents = _normLatents.Forward(g, latents);
        var q = _toQ.Forward(g, normedLatents); // [batch, latents, inner]
        var mediaKv = _toKv.Forward(g, _normMedia.Forward(g, media)); // [batch, features, 2·inner]
        var latentKv = _toKv.Forward(g, normedLatents); // [batch, latents, 2·inner]
        var attended = g.Apply(
            new LatentAttention(_heads, _headDim, 1f / MathF.Sqrt(_headDim)),
            q,
            GraphBuilder.Columns(mediaKv, 0, inner),
            GraphBuilder.Columns(mediaKv, inner, inner),
            GraphBuilder.Columns(latentKv, 0, inner),
            GraphBuilder.Columns(latentKv, inner, inner)); // [batch, latents, inner]
        return _toOut.Forward(g, attended, residual: residual);
    }
}
