namespace FlamingoGpu.Runtime.Gpu;

/// <summary>Recorded work that runs again with one call; addresses and launch shapes are those of the recording.</summary>
public interface IGpuGraph : IDisposable
{
    /// <summary>Recorded kernels, copies and fills.</summary>
    int NodeCount { get; }
}
