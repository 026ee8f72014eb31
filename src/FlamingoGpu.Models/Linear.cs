using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>A linear layer as torch stores it: weight [out, in], optional bias [out].</summary>
public sealed class Linear
{
    private readonly Weight _weight;
    private readonly Weight? _bias;

    /// <summary>Takes <c>weight</c> and, if asked, <c>bias</c> from the scope.</summary>
    public Linear(WeightScope scope, long outFeatures, long inFeatures, bool bias = false)
        : this(scope.Matrix("weight", [outFeatures, inFeatures]), bias ? scope.Vector("bias", [outFeatures]) : null)
    {
    }

    /// <summary>Wraps tensors that are named otherwise.</summary>
    public Linear(Weight weight, Weight? bias)
    {
        _weight = weight;
        _bias = bias;
    }

    /// <summary><c>residual + tanh(gate) · activation(x·weightᵀ + bias) · factor</c>, each part optional.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., in].</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="gate">Scalar whose tanh multiplies the branch, or null.</param>
    /// <param name="residual">[.., out], added last, or null.</param>
    /// <param name="factor">[.., out] that multiplies the activation: the other half of a gated feed-forward; or
    /// null.</param>
    /// <returns>[.., out].</returns>
    public Value Forward(
        GraphBuilder g, Value x, Activation activation = Activation.None, Weight? gate = null, Value? residual = null,
        Value? factor = null)
    {
        var (op, inputs) = Describe(g, x, activation, gate, residual, factor);
        return g.Apply(op, inputs);
    }

    /// <summary><c>x·weightᵀ + bias</c> in f32, for the host.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., in].</param>
    /// <returns>[.., out] f32.</returns>
    public Value ForwardWide(GraphBuilder g, Value x)
    {
        var (op, inputs) = Describe(g, x, Activation.None, gate: null, residual: null, factor: null);
        return g.ApplyWide(op, inputs);
    }

    private (MatMul Op, Value[] Inputs) Describe(
        GraphBuilder g, Value x, Activation activation, Weight? gate, Value? residual, Value? factor)
    {
        var op = new MatMul(new Epilogue(
            _bias is not null, activation, gate is not null, residual is not null, factor is not null));
        List<Value> inputs = [x, g.Constant(_weight)];
        if (_bias is not null) inputs.Add(g.Constant(_bias));
        if (gate is not null) inputs.Add(g.Constant(gate));
        if (factor is not null) inputs.Add(factor);
        if (residual is not null) inputs.Add(residual);
        return (op, [.. inputs]);
    }
}
