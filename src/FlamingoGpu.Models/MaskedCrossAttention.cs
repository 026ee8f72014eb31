using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Text tokens attend to the latents of their media (open_flamingo helpers.py MaskedCrossAttention). Keys and values
/// depend on the media only, so they are projected once per request; which media a token sees is data (spans).
/// </summary>
public sealed class MaskedCrossAttention
{
    private readonly Norm _norm;
    private readonly Linear _toQ;
    private readonly Linear _toKv;
    private readonly Linear _toOut;
    private readonly int _heads;
    private readonly int _headDim;

    /// <summary>Takes the tensors from the scope.</summary>
    public MaskedCrossAttention(WeightScope scope, long textWidth, long visualWidth, int heads, int headDim)
    {
        _heads = heads;
        _headDim = headDim;
        _norm = new Norm(scope["norm"], textWidth);
        _toQ = new Linear(scope["to_q"], InnerWidth, textWidth);
        _toKv = new Linear(scope["to_kv"], 2 * InnerWidth, visualWidth); // rows k, then v
        _toOut = new Linear(scope["to_out"], textWidth, InnerWidth);
    }

    /// <summary>Heads × head width.</summary>
    public long InnerWidth => _heads * _headDim;

    /// <summary>Projects latents [media, latents, visualWidth] to [media, latents, 2·inner]: k, then v.</summary>
    public Value ProjectMedia(GraphBuilder g, Value latents) => _toKv.Forward(g, latents);

    /// <summary>Runs the attention.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[batch, tokens, textWidth].</param>
    /// <param name="mediaKv">[media, latents, 2·inner] from <see cref="ProjectMedia"/>.</param>
    /// <param name="spans">[batch, tokens, 2] i32: first medium and count (see <see cref="MediaCrossAttention"/>).</param>
    /// <param name="gate">Scalar whose tanh multiplies the branch, or null.</param>
    /// <param name="residual">[batch, tokens, textWidth] to add, or null.</param>
    /// <returns>[batch, tokens, textWidth].</returns>
    public Value Forward(
        GraphBuilder g, Value x, Value mediaKv, Value spans, Weight? gate = null, Value? residual = null)
    {
        var q = _toQ.Forward(g, _norm.Forward(g, x)); // [batch, tokens, inner]
        var attended = g.Apply(
            new MediaCrossAttention(_heads, _headDim, 1f / MathF.Sqrt(_headDim)),
            q,
            GraphBuilder.Columns(mediaKv, 0, InnerWidth),
            GraphBuilder.Columns(mediaKv, InnerWidth, InnerWidth),
            spans); // [batch, tokens, inner]
        return _toOut.Forward(g, attended, Activation.None, gate, residual);
    }
}
