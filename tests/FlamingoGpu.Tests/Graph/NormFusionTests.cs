using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Tests.Graph;

/// <summary>When a normalisation may be left to the product behind it.</summary>
public sealed class NormFusionTests
{
    private static readonly Op s_norm = new LayerNorm(1e-5f, Bias: false);

    private readonly GraphBuilder _graph = new();

    [Fact]
    public void WithNext_RowsThatLiveOn_IsThePair()
    {
        var x = Stream();
        var y = Product(Norm(x));
        var pair = Pair(_graph.Apply(new AddRows(1), y, x));

        Assert.NotNull(pair);
        Assert.Equal(s_norm, pair.Norm);
        Assert.Equal(new MatMul(default), pair.Product);
    }

    [Fact]
    public void WithNext_NormInPlaceOfItsRows_IsThePair() => Assert.NotNull(Pair(Product(Norm(Stream()))));

    [Fact]
    public void WithNext_RowsThatEndAtANarrowNorm_IsNone() =>
        Assert.Null(Pair(Product(Norm(Stream(), DType.BF16)))); // their memory may hold the product already

    [Fact]
    public void WithNext_NormThatOthersReadAsWell_IsNone()
    {
        var x = Stream();
        var normed = Norm(x);
        var y = Product(normed);
        Assert.Null(Pair(_graph.Apply(new AddRows(1), _graph.Apply(new AddRows(1), y, normed), x)));
    }

    [Fact]
    public void WithNext_NormThatIsAnOutput_IsNone()
    {
        var x = Stream();
        var normed = Norm(x);
        _graph.Output("normed", normed);
        Assert.Null(Pair(_graph.Apply(new AddRows(1), Product(normed), x)));
    }

    [Fact]
    public void WithNext_ProductOverTheRows_IsNone()
    {
        var x = Stream();
        Assert.Null(Pair(_graph.Apply(new MatMul(new Epilogue(Residual: true)), Norm(x, DType.BF16), Matrix(), x)));
    }

    [Fact]
    public void WithNext_ProductOfSomeColumns_IsNone()
    {
        var x = Stream();
        var some = GraphBuilder.Columns(Norm(x), 0, 8);
        var w = _graph.Input("w", new TensorType(DType.F32, [16, 8]));
        Assert.Null(Pair(_graph.Apply(new AddRows(1), _graph.Apply(new MatMul(default), some, w), x)));
    }

    [Fact]
    public void WithNext_GroupsOfARow_IsNone()
    {
        var x = Stream();
        var weight = Weight(8);
        var normed = _graph.Apply(new LayerNorm(1e-5f, Bias: false) { Groups = 2 }, x, weight, weight);
        Assert.Null(Pair(_graph.Apply(new AddRows(1), Product(normed), x)));
    }

    private NormedMatMul? Pair(Value result)
    {
        _graph.Output("result", result);
        var graph = _graph.Build();
        return NormFusion.WithNext(graph, graph.Nodes.Single(node => node.Op is LayerNorm));
    }

    /// <summary>[4, 16], made by a node.</summary>
    private Value Stream() => _graph.Apply(
        new Activate(Activation.Relu), _graph.Input("x", new TensorType(DType.F32, [4, 16])));

    private Value Norm(Value x, DType type = DType.F32) =>
        _graph.ApplyWide(s_norm with { OutputType = type }, x, Weight(16));

    private Value Product(Value x) => _graph.Apply(new MatMul(default), x, Matrix());

    private Value Matrix() => _graph.Input("w", new TensorType(DType.F32, [16, 16]));

    private Value Weight(long width) => _graph.Input("weight", new TensorType(DType.F32, [width]));
}
