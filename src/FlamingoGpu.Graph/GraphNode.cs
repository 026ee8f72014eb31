using FlamingoGpu.Kernels;

namespace FlamingoGpu.Graph;

/// <summary>One op applied to values, in the order of execution.</summary>
public sealed class GraphNode
{
    internal GraphNode(int index, string label, Op op, Value[] inputs, Value output)
    {
        Index = index;
        Label = label;
        Op = op;
        Inputs = inputs;
        Output = output;
        Cost = op.Cost([.. inputs.Select(input => input.Type)], output.Type);
    }

    /// <summary>Position in the order of execution.</summary>
    public int Index { get; }

    /// <summary>Scope path and op, for example <c>lm.layer3.attn.matmul</c>; names the layer in errors and profiles.</summary>
    public string Label { get; }

    /// <summary>The contract.</summary>
    public Op Op { get; }

    /// <summary>What it reads.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>What it makes.</summary>
    public Value Output { get; }

    /// <summary>Least work, for rooflines.</summary>
    public OpCost Cost { get; }
}
