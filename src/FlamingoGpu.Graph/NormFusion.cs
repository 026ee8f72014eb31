using FlamingoGpu.Kernels;

namespace FlamingoGpu.Graph;

/// <summary>
/// Finds normalisations that the product behind them may do on the way. The graph and its memory plan stay as they are:
/// a device that takes the pair leaves the normalised rows unwritten, nothing else changes.
/// </summary>
internal static class NormFusion
{
    /// <summary>
    /// The pair of a normalisation and the next node, or null unless that is a product of all the normalised rows,
    /// nobody else reads them, and the rows before the normalisation still stand when the product runs, and are not
    /// its output.
    /// </summary>
    public static NormedMatMul? WithNext(ComputeGraph graph, GraphNode node)
    {
        if (node.Op is not (LayerNorm { Groups: 1 } or RmsNorm) || node.Index + 1 == graph.Nodes.Count) return null;
        var next = graph.Nodes[node.Index + 1];
        if (next.Op is not MatMul product) return null;

        var (source, normed) = (node.Inputs[0].Storage, node.Output.Storage);
        var isWhole = next.Inputs[0].Storage == normed && next.Inputs[0].Type == node.Output.Type;
        var isReadElsewhere = normed.IsKept || normed.IsBoundToState || normed.LastNode > next.Index;
        foreach (var input in next.Inputs[1..]) isReadElsewhere |= input.Storage == normed;
        var stands = source.Kind is StorageKind.Input
            || (source.Kind is StorageKind.Activation && (source.Owner.IsKept || source.Owner.LastNode >= next.Index));
        var isOverwritten = next.Output.Storage.Owner == source.Owner;
        return isWhole && !isReadElsewhere && stands && !isOverwritten ? NormedMatMul.Of(node.Op, product) : null;
    }
}
