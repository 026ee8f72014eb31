using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Profiling;

/// <summary>One run of one node.</summary>
/// <param name="Node">Op, place in the model and least work.</param>
/// <param name="Variant">Kernel that ran it.</param>
/// <param name="UsesTensorCores">True when a launch of it has tensor-core products.</param>
/// <param name="Measured">What it took.</param>
public sealed record NodeSample(GraphNode Node, string Variant, bool UsesTensorCores, Measurement Measured)
{
    /// <summary>Part of the model, from the node's label.</summary>
    public string Module => ModelModule.Of(Node.Label);

    /// <summary>Least work, from the op's contract.</summary>
    public OpCost Cost => Node.Cost;
}
