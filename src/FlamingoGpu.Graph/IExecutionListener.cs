using FlamingoGpu.Kernels;

namespace FlamingoGpu.Graph;

/// <summary>Hears about every node that runs: profilers, counters, tests. Called on the thread that runs the graph.</summary>
public interface IExecutionListener
{
    /// <summary>Called right before a node runs.</summary>
    void NodeStarting(GraphNode node, BoundKernel kernel);

    /// <summary>Called after a node has run (cpu) or was enqueued (gpu).</summary>
    void NodeCompleted(GraphNode node, BoundKernel kernel);
}
