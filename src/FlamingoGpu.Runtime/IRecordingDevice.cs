namespace FlamingoGpu.Runtime;

/// <summary>
/// A device that can record the work enqueued by some code and run it again with one call (a CUDA graph). What varies
/// between runs has to lie in device memory.
/// </summary>
public interface IRecordingDevice : IDevice
{
    /// <summary>Records what <paramref name="enqueue"/> enqueues, without doing it.</summary>
    IReplay Record(Action enqueue);
}
