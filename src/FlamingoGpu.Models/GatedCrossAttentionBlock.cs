using FlamingoGpu.Graph;

namespace FlamingoGpu.Models;

/// <summary>
/// The layer that lets a frozen language model see (Flamingo 2022, §3.1.2; open_flamingo helpers.py):
/// <c>y = x + tanh(attn_gate)·attention(x, media); y + tanh(ff_gate)·feed-forward(y)</c>. A token without media gets
/// nothing from the attention branch, but the feed-forward branch still runs.
/// </summary>
public sealed class GatedCrossAttentionBlock
{
    private readonly FeedForward _feedForward;
    private readonly Weight? _attentionGate;
    private readonly Weight? _feedForwardGate;

    /// <summary>Takes the tensors from the scope (<c>….gated_cross_attn_layer.</c> in a checkpoint).</summary>
    public GatedCrossAttentionBlock(WeightScope scope, CrossAttentionConfig config, int textWidth, int visualWidth)
    {
        Attention = new MaskedCrossAttention(scope["attn"], textWidth, visualWidth, config.Heads, config.HeadDim);
        var attentionGate = scope.Vector("attn_gate", [1]);
        _feedForward = new FeedForward(
            scope["ff"], textWidth, (long)textWidth * config.FeedForwardFactor, config.Activation);
        var feedForwardGate = scope.Vector("ff_gate", [1]);
        if (config.Gate == GateKind.Tanh) (_attentionGate, _feedForwardGate) = (attentionGate, feedForwardGate);
    }

    /// <summary>The attention branch.</summary>
    public MaskedCrossAttention Attention { get; }

    /// <summary>Runs the block.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[batch, tokens, textWidth].</param>
    /// <param name="mediaKv">[media, latents, 2·inner], or null when the request has no media at all.</param>
    /// <param name="spans">[batch, tokens, 2] i32, or null with <paramref name="mediaKv"/>.</param>
    /// <returns>[batch, tokens, textWidth].</returns>
    public Value Forward(GraphBuilder g, Value x, Value? mediaKv, Value? spans)
    {
        using (g.Scope("attn"))
        {
            if (mediaKv is not null) x = Attention.Forward(g, x, mediaKv, spans!, _attentionGate, residual: x);
        }

        using (g.Scope("ff"))
        {
            return _feedForward.Forward(g, x, _feedForwardGate, residual: x);
        }
    }
}
