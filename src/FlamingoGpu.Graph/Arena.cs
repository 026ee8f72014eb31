using FlamingoGpu.Core;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Graph;

/// <summary>
/// One block of device memory in which graphs that never run at the same time place their activations. Its size is
/// fixed: make it as large as the largest of its graphs.
/// </summary>
public sealed class Arena : IDisposable
{
    private readonly DeviceMemory _memory;

    /// <summary>Allocates the arena.</summary>
    /// <exception cref="DeviceException">Not enough memory.</exception>
    public Arena(IDevice device, long byteLength)
    {
        Device = device;
        _memory = device.Allocate(byteLength, "activations");
    }

    /// <summary>The device that holds it.</summary>
    public IDevice Device { get; }

    /// <summary>First byte.</summary>
    public nint Address => _memory.Address;

    /// <summary>Size in bytes.</summary>
    public long ByteLength => _memory.ByteLength;

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
