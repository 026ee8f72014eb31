using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// A queue of work on the device, done in order. Enqueuing allocates nothing. While a capture is open, work is recorded
/// instead of done.
/// </summary>
public interface IGpuStream : IDisposable
{
    /// <summary>Copies host bytes to the device; they must stay untouched until the copy is done.</summary>
    void Upload(nint hostSource, nint destination, long byteLength);

    /// <summary>Copies device bytes to the host; they are there once the stream has got that far.</summary>
    void Download(nint source, nint hostDestination, long byteLength);

    /// <summary>Copies within the device.</summary>
    void Copy(nint source, nint destination, long byteLength);

    /// <summary>Sets bytes.</summary>
    void Fill(nint destination, byte value, long byteLength);

    /// <summary>Runs a kernel.</summary>
    /// <param name="function">The kernel.</param>
    /// <param name="shape">Grid, block and dynamic shared memory.</param>
    /// <param name="parameters">The parameter block: every parameter at the next multiple of its size.</param>
    void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters);

    /// <summary>Runs a captured graph.</summary>
    void Launch(IGpuGraph graph);

    /// <summary>Puts a mark behind the work enqueued so far.</summary>
    void Record(IGpuEvent mark);

    /// <summary>Lets later work wait until another stream has reached the mark.</summary>
    void Wait(IGpuEvent mark);

    /// <summary>Waits until all work is done.</summary>
    /// <exception cref="DeviceException">Some of it failed.</exception>
    void Synchronize();

    /// <summary>Starts recording.</summary>
    void BeginCapture();

    /// <summary>Ends recording.</summary>
    /// <returns>The recorded work, ready to run as often as wanted.</returns>
    IGpuGraph EndCapture();
}
