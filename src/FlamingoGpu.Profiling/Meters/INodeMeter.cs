namespace FlamingoGpu.Profiling.Meters;

/// <summary>Measures nodes that run one after the other.</summary>
internal interface INodeMeter : IDisposable
{
    /// <summary>Unit of the measurements.</summary>
    ProfileUnit Unit { get; }

    /// <summary>Called right before a node runs.</summary>
    void Start();

    /// <summary>Called after it has run or was enqueued.</summary>
    void Stop();

    /// <summary>The measurements of all nodes so far, in order; waits for the device.</summary>
    IReadOnlyList<Measurement> Take();
}
