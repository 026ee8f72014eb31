using FlamingoGpu.Kernels;

namespace FlamingoGpu.Graph;

/// <summary>One op applied to values, in the order of execution.</summary>
public sealed class GraphNode
{
    private readonly string _scope;
    private readonly Value[] _inputs;

    internal GraphNode(int index, string scope, Op op, Value[] inputs, Value output)
    {
        Index = index;
        _scope = scope;
        Op = op;
        _inputs = inputs;
        Output = output;
    }

    /// <summary>Position in the order of execution.</summary>
    public int Index { get; }

    /// <summary>Scope path and op, for example <c>lm.layer3.attn.matmul</c>; names the layer in errors and profiles.</summary>
    public string Label => LabelOf(_scope, Op);

    /// <summary>The contract.</summary>
    public Op Op { get; }

    /// <summary>What it reads.</summary>
    public ReadOnlySpan<Value> Inputs => _inputs;

    /// <summary>What it makes.</summary>
    public Value Output { get; }

    /// <summary>Least work, for rooflines.</summary>
    public OpCost Cost => Op.Cost([.. _inputs.Select(input => input.Type)], Output.Type);

    internal static string LabelOf(string scope, Op op) => scope.Length == 0 ? op.Name : $"{scope}.{op.Name}";
}
