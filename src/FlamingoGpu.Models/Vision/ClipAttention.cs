using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Self-attention of a CLIP block. open_clip fuses the projections (<c>in_proj_weight</c>, rows q, k, v); Hugging Face
/// stores three linears.
/// </summary>
internal sealed class ClipAttention
{
    private readonly Linear? _qkv;
    private readonly (Linear Q, Linear K, Linear V)? _separate;
    private readonly Linear _out;
    private readonly int _heads;
    private readonly long _width;

    /// <summary>Takes the tensors from the scope (<c>attn.</c> or <c>self_attn.</c>).</summary>
    public ClipAttention(WeightScope scope, ClipNaming naming, int width, int heads)
    {
        (_width, _heads) = (width, heads);
        if (naming == ClipNaming.OpenClip)
        {
            _qkv = new Linear(scope.Matrix("in_proj_weight", [3 * _width, width]), scope.Vector("in_proj_bias", [3 * _width]));
        }
        else
        {
            _separate = (
                new Linear(scope["q_proj"], width, width, bias: true),
                new Linear(scope["k_proj"], width, width, bias: true),
                new Linear(scope["v_proj"], width, width, bias: true));
        }

        _out = new Linear(scope["out_proj"], width, width, bias: true);
    }

    /// <summary>residual + attention(x); x [images, tokens, width].</summary>
    public Value Forward(GraphBuilder g, Value x, Value residual)
    {
        var (q, k, v) = Project(g, x); // each [images, tokens, width]
        var headDim = (int)_width / _heads;
        var attended = g.Apply(new Attention(_heads, headDim, 1f / MathF.Sqrt(headDim)), q, k, v);
        return _out.Forward(g, attended, residual: residual);
    }

    private (Value Q, Value K, Value V) Project(GraphBuilder g, Value x)
    {
        if (_separate is { } linears) return (linears.Q.Forward(g, x), linears.K.Forward(g, x), linears.V.Forward(g, x));
        var qkv = _qkv!.Forward(g, x); // [images, tokens, 3·width]
        return (
            GraphBuilder.Columns(qkv, 0, _width),
            GraphBuilder.Columns(qkv, _width, _width),
            GraphBuilder.Columns(qkv, 2 * _width, _width));
    }
}
