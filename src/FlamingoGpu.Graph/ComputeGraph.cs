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

    /// <summary>
    /// Largest sum of node costs along any path to a value: how far rounding errors can have come. Inputs and constants
    /// start at 0.
    /// </summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="cost">Cost of a node, at least 0.</param>
    /// <param name="stateCost">What values read from states start with.</param>
    public double LongestPath(string output, Func<GraphNode, double> cost, double stateCost = 0)
    {
        var costs = new Dictionary<Storage, double>();
        double Of(Value value) => value.Storage.Kind == StorageKind.State ? stateCost : costs.GetValueOrDefault(value.Storage);
        foreach (var node in Nodes)
        {
            var most = 0.0;
            foreach (var input in node.Inputs) most = Math.Max(most, Of(input));
            costs[node.Output.Storage] = most + cost(node);
        }

        return Of(Outputs[output]);
    }
}
