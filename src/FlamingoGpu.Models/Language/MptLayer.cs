using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>One pre-norm decoder layer of MPT (llm-foundry blocks.py; gpt_blocks.py in the older generation).</summary>
internal sealed class MptLayer
{
    private readonly Norm _norm1;
    private readonly MptAttention _attention;
    private readonly Norm _norm2;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly ResidualForm _residual;

    /// <summary>Takes the tensors from the scope of one layer.</summary>
    public MptLayer(WeightScope scope, MptConfig config, Weight slopes)
    {
        var old = config.MosaicGptNames;
        _norm1 = new Norm(scope[old ? "ln_1" : "norm_1"], config.Width, config.NormEpsilon, config.Bias);
        _attention = new MptAttention(scope["attn"], config, slopes);
        _norm2 = new Norm(scope[old ? "ln_2" : "norm_2"], config.Width, config.NormEpsilon, config.Bias);
        var feedForward = scope[old ? "mlp" : "ffn"];
        _up = new Linear(feedForward[old ? "mlp_up" : "up_proj"], config.FeedForwardWidth, config.Width, config.Bias);
        _down = new Linear(feedForward[old ? "mlp_down" : "down_proj"], config.Width, config.FeedForwardWidth, config.Bias);
        _residual = config.Residual;
    }

    /// <summary>Runs the layer; shapes as <see cref="ILanguageModel.Layer"/>.</summary>
    public Value Forward(GraphBuilder g, Value x, Value cacheK, Value cacheV, Value past)
    {
        Value attended;
        using (g.Scope("attn"))
        {
            attended = _attention.Forward(g, _norm1.Forward(g, x), cacheK, cacheV, past, residual: x);
        }

        using (g.Scope("ff"))
        {
            var source = _residual == ResidualForm.Sequential ? attended : x;
            var inner = _up.Forward(g, _norm2.Forward(g, source), Activation.GeluErf); // [batch, tokens, feedForwardWidth]
            return _down.Forward(g, inner, residual: attended);
        }
    }
}
