using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;

namespace FlamingoGpu.Tests.Models;

public sealed class LinearTests
{
    [Fact]
    public void Forward_GatedFeedForward_MultipliesTheActivationByTheFactor()
    {
        using var weights = new ModelWeights();
        var scope = new WeightScope(new ShapeOnlyWeights(weights, "part", DType.BF16));
        var (gate, up) = (new Linear(scope["gate"], 24, 16), new Linear(scope["up"], 24, 16, bias: true));
        var g = new GraphBuilder();
        var x = g.Input("x", new TensorType(DType.F32, [2, 16]));
        var residual = g.Input("residual", new TensorType(DType.F32, [2, 24]));
        var factor = gate.Forward(g, x);
        g.Output("y", up.Forward(g, x, Activation.Silu, residual: residual, factor: factor));

        var node = g.Build().Nodes[^1];
        var op = Assert.IsType<MatMul>(node.Op);
        Assert.Equal(new Epilogue(Bias: true, Activation.Silu, Residual: true, Multiply: true), op.Epilogue);
        Assert.Same(factor, node.Inputs[op.FactorInput]);
        Assert.Same(residual, node.Inputs[op.ResidualInput]);
    }
}
