namespace FlamingoGpu.Runtime;

/// <summary>Recorded device work that runs again with one call.</summary>
public interface IReplay : IDisposable
{
    /// <summary>Enqueues the recorded work.</summary>
    void Run();
}
