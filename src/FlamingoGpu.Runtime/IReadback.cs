namespace FlamingoGpu.Runtime;

/// <summary>Fetches a small result of a device without stopping its queue of work. One fetch at a time.</summary>
public interface IReadback : IDisposable
{
    /// <summary>Lets the device copy the bytes to the host once it has done the work enqueued so far.</summary>
    /// <param name="source">Device address.</param>
    void Enqueue(nint source);

    /// <summary>Waits for the copy.</summary>
    /// <returns>The bytes; valid until the next <see cref="Enqueue"/>.</returns>
    ReadOnlySpan<byte> Wait();
}
