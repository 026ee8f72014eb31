using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>LayerNorm with a weight and, for most models, a bias.</summary>
public sealed class Norm
{
    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly float _epsilon;

    /// <summary>Takes <c>weight</c> and, if asked, <c>bias</c> from the scope.</summary>
    public Norm(WeightScope scope, long width, float epsilon = 1e-5f, bool bias = true)
    {
        _weight = scope.Vector("weight", [width]);
        _bias = bias ? scope.Vector("bias", [width]) : null;
        _epsilon = epsilon;
    }

    /// <summary>Normalises the last axis, for the ops of a block.</summary>
    public Value Forward(GraphBuilder g, Value x) => _bias is null
        ? g.Apply(new LayerNorm(_epsilon, Bias: false), x, g.Constant(_weight))
        : g.Apply(new LayerNorm(_epsilon, Bias: true), x, g.Constant(_weight), g.Constant(_bias));

    /// <summary>Normalises the last axis into f32: the start of a residual stream, or a result for the host.</summary>
    public Value ForwardWide(GraphBuilder g, Value x) => _bias is null
        ? g.ApplyWide(new LayerNorm(_epsilon, Bias: false), x, g.Constant(_weight))
        : g.ApplyWide(new LayerNorm(_epsilon, Bias: true), x, g.Constant(_weight), g.Constant(_bias));
}
