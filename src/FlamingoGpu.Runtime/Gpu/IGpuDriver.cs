using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// What the runtime needs of a GPU driver, one method per thing. Two implementations: the real driver
/// (<c>Cuda/</c>) and the software GPU (<c>FlamingoGpu.VirtualGpu</c>); everything above runs on either unchanged.
/// Calls come from one thread at a time, <see cref="Load"/> from several where <see cref="LoadsConcurrently"/>.
/// Failures are <see cref="DeviceException"/>s with the driver's own words.
/// </summary>
public interface IGpuDriver : IDisposable
{
    /// <summary>What the device is and what it can hold.</summary>
    GpuProperties Properties { get; }

    /// <summary>Memory of the device now.</summary>
    GpuMemoryState Memory { get; }

    /// <summary>Allocates device memory, aligned to at least 256 bytes; its contents are undefined.</summary>
    /// <param name="byteLength">Bytes, at least 0.</param>
    /// <param name="purpose">What for, named in errors and findings.</param>
    /// <exception cref="DeviceException">Not enough memory; states needed and available bytes.</exception>
    nint Allocate(long byteLength, string purpose);

    /// <summary>Gives device memory back, after all work enqueued before.</summary>
    void Free(nint address);

    /// <summary>Allocates host memory that copies to and from the device without a detour.</summary>
    nint AllocatePinned(long byteLength);

    /// <summary>Gives pinned memory back.</summary>
    void FreePinned(nint address);

    /// <summary>
    /// Makes host bytes readable by kernels where they are, if this driver can do so at full speed; the bytes must
    /// outlive the mapping (<see cref="Free"/>).
    /// </summary>
    /// <returns>False when they have to be copied instead.</returns>
    bool TryMapHost(nint hostAddress, long byteLength, string purpose, out nint address);

    /// <summary>
    /// True when several threads may load texts, and look up and prepare their functions, while another works.
    /// </summary>
    bool LoadsConcurrently => false;

    /// <summary>Reads and compiles a PTX text.</summary>
    /// <exception cref="DeviceException">The driver refuses it; carries the driver's log.</exception>
    IGpuModule Load(string ptx);

    /// <summary>A new queue of work.</summary>
    IGpuStream CreateStream();

    /// <summary>A new mark in a queue.</summary>
    /// <param name="timed">True when <see cref="IGpuEvent.MillisecondsSince"/> will be asked.</param>
    IGpuEvent CreateEvent(bool timed);
}
