using System.Diagnostics;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Bench;

/// <summary>Adds up the time of nodes that run the same kernel on the same shapes.</summary>
internal sealed class OperationProfile(string stage) : IExecutionListener
{
    private readonly Dictionary<string, (int Count, long Ticks, OpCost Cost)> _kernels = [];
    private long _start;

    /// <inheritdoc/>
    public void NodeStarting(GraphNode node, BoundKernel kernel) => _start = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void NodeCompleted(GraphNode node, BoundKernel kernel)
    {
        var ticks = Stopwatch.GetTimestamp() - _start;
        var inner = node.Op is MatMul ? $" x {node.Inputs[1].Shape}" : "";
        var key = $"{node.Op.Name} {kernel.Variant} {node.Output.Shape}{inner}";
        var (count, sum, cost) = _kernels.GetValueOrDefault(key);
        _kernels[key] = (count + 1, sum + ticks, cost + node.Cost);
    }

    /// <summary>The slowest first.</summary>
    /// <param name="runs">Runs of the graph that were heard.</param>
    public IEnumerable<OperationTime> Times(int runs) => _kernels
        .OrderByDescending(kernel => kernel.Value.Ticks)
        .Select(kernel => new OperationTime(
            stage, kernel.Key, kernel.Value.Count / runs,
            Stopwatch.GetElapsedTime(0, kernel.Value.Ticks).TotalMilliseconds / runs,
            kernel.Value.Cost.Flops / runs, kernel.Value.Cost.Bytes / runs));
}
