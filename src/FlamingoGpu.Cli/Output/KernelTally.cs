using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Cli;

/// <summary>Counts which kernel variants ran how often, for <c>--verbose</c>.</summary>
internal sealed class KernelTally : IExecutionListener
{
    private readonly Dictionary<(string Op, string Variant), long> _runs = [];

    /// <summary>Op, variant and number of runs; the most frequent first.</summary>
    public IEnumerable<(string Op, string Variant, long Runs)> Runs =>
        _runs.OrderByDescending(item => item.Value).Select(item => (item.Key.Op, item.Key.Variant, item.Value));

    /// <inheritdoc/>
    public void NodeStarting(GraphNode node, BoundKernel kernel)
    {
    }

    /// <inheritdoc/>
    public void NodeCompleted(GraphNode node, BoundKernel kernel)
    {
        var key = (node.Op.GetType().Name, kernel.Variant);
        _runs[key] = _runs.GetValueOrDefault(key) + 1;
    }
}
