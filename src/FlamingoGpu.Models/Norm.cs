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

    /// <summary>Normalises equal parts of the last axis, each with its own norm; all have a bias or none.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., parts · width].</param>
    /// <param name="parts">The norm of each part, of the same width and epsilon.</param>
    public static Value ForwardParts(GraphBuilder g, Value x, params ReadOnlySpan<Norm> parts)
    {
        List<Value> inputs = [x];
        foreach (var part in parts) inputs.Add(g.Constant(part._weight));
        foreach (var part in parts)
            if (part._bias is not null) inputs.Add(g.Constant(part._bias));
        var op = new LayerNorm(parts[0]._epsilon, parts[0]._bias is not null) { Groups = parts.Length };
        return g.Apply(op, [.. inputs]);
    }
}
