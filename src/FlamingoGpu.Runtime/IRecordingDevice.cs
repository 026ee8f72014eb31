namespace FlamingoGpu.Runtime;

/// <summary>
/// A device with a queue of work of its own: it can record what some code enqueues and run it again with one call (a
/// CUDA graph), and hand out results while it goes on. What varies between runs has to lie in device memory.
/// </summary>
public interface IRecordingDevice : IDevice
{
    /// <summary>Records what <paramref name="enqueue"/> enqueues, without doing it.</summary>
    IReplay Record(Action enqueue);

    /// <summary>A place on the host for results of this many bytes.</summary>
    IReadback CreateReadback(int byteLength);
}
