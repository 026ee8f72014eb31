namespace FlamingoGpu.Graph;

/// <summary>
/// A closed graph with fixed shapes: nodes in order, and the place of every value in one arena. Knows no device; the
/// same graph runs on all. Immutable.
/// </summary>
public sealed class ComputeGraph
{
    internal ComputeGraph(
        GraphNode[] nodes,
        IReadOnlyDictionary<string, Value> inputs,
        IReadOnlyDictionary<string, Value> outputs,
        Weight[] weights,
        long arenaBytes)
    {
        Nodes = nodes;
        Inputs = inputs;
        Outputs = outputs;
        Weights = weights;
        ArenaBytes = arenaBytes;
    }

    /// <summary>The nodes in the order of execution.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>Values the host writes, by name.</summary>
    public IReadOnlyDictionary<string, Value> Inputs { get; }

    /// <summary>Values the host reads, by name, in the order they were declared.</summary>
    public IReadOnlyDictionary<string, Value> Outputs { get; }

    /// <summary>The constants the graph reads.</summary>
    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>Bytes of arena a run needs: the memory plan.</summary>
    public long ArenaBytes { get; }
}
