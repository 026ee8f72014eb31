namespace FlamingoGpu.Runtime.Gpu;

/// <summary>A mark in a queue of work.</summary>
public interface IGpuEvent : IDisposable
{
    /// <summary>True when the work before the mark is done.</summary>
    bool IsDone { get; }

    /// <summary>Waits for the work before the mark.</summary>
    void Synchronize();

    /// <summary>Device time between two marks that have been reached.</summary>
    /// <exception cref="NotSupportedException">The virtual GPU counts; it has no time.</exception>
    float MillisecondsSince(IGpuEvent earlier);
}
