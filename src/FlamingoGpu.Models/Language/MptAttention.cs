using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Causal multi-head attention of MPT with ALiBi; mpt-1b also normalises q and k over the whole width before the head
/// split (llm-foundry layers/attention.py MultiheadAttention).
/// </summary>
public sealed class MptAttention
{
    private readonly Linear _qkv;
    private readonly Linear _out;
    private readonly Norm? _normQ;
    private readonly Norm? _normK;
    private readonly Weight _slopes;
    private readonly CausalAttention _attention;
    private readonly long _width;

    /// <summary>Takes the tensors from the scope (<c>attn.</c>).</summary>
    /// <param name="scope">Names end in <c>Wqkv</c>, <c>q_ln</c>, <c>k_ln</c>, <c>out_proj</c>.</param>
    /// <param name="config">Sizes and choices.</param>
    /// <param name="slopes">ALiBi slopes [heads], shared by all layers.</param>
    public MptAttention(WeightScope scope, MptConfig config, Weight slopes)
    {
        _width = config.Width;
        _slopes = slopes;
        _qkv = new Linear(scope["Wqkv"], 3 * _width, _width, config.Bias); // rows q, k, v
        if (config.QkNorm)
        {
            _normQ = new Norm(scope["q_ln"], _width, config.NormEpsilon, config.Bias);
            _normK = new Norm(scope["k_ln"], _width, config.NormEpsilon, config.Bias);
        }

        _out = new Linear(scope["out_proj"], _width, _width, config.Bias);
        var scale = config.SoftmaxScale > 0 ? config.SoftmaxScale : 1 / Math.Sqrt(config.HeadDim);
        _attention = new CausalAttention(config.Heads, config.HeadDim, (float)scale, Alibi: true);
    }

    /// <summary>residual + attention(x); shapes as <see cref="ILanguageModel.Layer"/>.</summary>
    public Value Forward(GraphBuilder g, Value x, Value cacheK, Value cacheV, Value past, Value? residual)
    {
        var qkv = _qkv.Forward(g, x); // [batch, tokens, 3·width]
        var qk = GraphBuilder.Columns(qkv, 0, 2 * _width);
        if (_normQ is not null) qk = Norm.ForwardParts(g, qk, _normQ, _normK!); // [batch, tokens, 2·width]
        var q = GraphBuilder.Columns(qk, 0, _width);
        var k = GraphBuilder.Columns(qk, _width, _width);
        var v = GraphBuilder.Columns(qkv, 2 * _width, _width);
        var attended = g.Apply(_attention, q, k, v, cacheK, cacheV, past, g.Constant(_slopes));
        return _out.Forward(g, attended, residual: residual);
    }
}
