using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// One pre-norm transformer block of a CLIP tower: <c>x + attn(ln_1 x)</c>, then <c>x + mlp(ln_2 x)</c>
/// (open_clip transformer.py ResidualAttentionBlock).
/// </summary>
public sealed class ClipBlock
{
    private readonly Norm _norm1;
    private readonly ClipAttention _attention;
    private readonly Norm _norm2;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly Activation _activation;

    /// <summary>Takes the tensors from the scope of one block.</summary>
    public ClipBlock(WeightScope scope, ClipNaming naming, VisionConfig config)
    {
        var open = naming == ClipNaming.OpenClip;
        _norm1 = new Norm(scope[open ? "ln_1" : "layer_norm1"], config.Width, config.NormEpsilon);
        _attention = new ClipAttention(scope[open ? "attn" : "self_attn"], naming, config.Width, config.Heads);
        _norm2 = new Norm(scope[open ? "ln_2" : "layer_norm2"], config.Width, config.NormEpsilon);
        _up = new Linear(scope["mlp"][open ? "c_fc" : "fc1"], config.FeedForwardWidth, config.Width, bias: true);
        _down = new Linear(scope["mlp"][open ? "c_proj" : "fc2"], config.Width, config.FeedForwardWidth, bias: true);
        _activation = config.Activation;
    }

    /// <summary>Runs the block; x [images, tokens, width].</summary>
    public Value Forward(GraphBuilder g, Value x)
    {
        x = _attention.Forward(g, _norm1.Forward(g, x), residual: x);
        var inner = _up.Forward(g, _norm2.Forward(g, x), _activation); // [images, tokens, feedForwardWidth]
        return _down.Forward(g, inner, residual: x);
    }
}
