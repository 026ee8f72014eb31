using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime;

/// <summary>
/// A place that holds tensors and runs kernels. Copies are ordered with the kernels of the same device. Not safe for
/// concurrent use unless an implementation says so.
/// </summary>
public interface IDevice : IDisposable
{
    /// <summary>Short name as on the command line: <c>cpu</c>, <c>cuda</c>, <c>virtual</c>.</summary>
    string Name { get; }

    /// <summary>What the device is, for people: processor or card name, cores, instruction sets.</summary>
    string Description { get; }

    /// <summary>Bytes that could still be allocated.</summary>
    long AvailableBytes { get; }

    /// <summary>Allocates memory with undefined contents, aligned to at least 64 bytes (256 on a GPU).</summary>
    /// <param name="byteLength">Bytes, at least 0.</param>
    /// <param name="purpose">What for, named in the error and in reports ("kv cache").</param>
    /// <exception cref="DeviceException">Not enough memory; states needed and available bytes.</exception>
    DeviceMemory Allocate(long byteLength, string purpose);

    /// <summary>
    /// Makes host bytes (a mapped weight) usable by kernels and returns their device address: the same address on a
    /// device that uses it in place, that of a copy elsewhere; asking again gives the same copy. The host bytes must
    /// outlive the device's use.
    /// </summary>
    nint MakeResident(nint hostAddress, long byteLength);

    /// <summary>
    /// Gives back everything <see cref="MakeResident"/> made; the host bytes may go afterwards, and what was bound to them
    /// must not run again.
    /// </summary>
    void ReleaseResidents();

    /// <summary>Copies host bytes to the device.</summary>
    void Upload(ReadOnlySpan<byte> source, nint destination);

    /// <summary>Copies device bytes to the host, after all work enqueued before.</summary>
    void Download(nint source, Span<byte> destination);

    /// <summary>Copies within the device.</summary>
    void Copy(nint source, nint destination, long byteLength);

    /// <summary>Waits until all enqueued work is done.</summary>
    void Synchronize();
}
