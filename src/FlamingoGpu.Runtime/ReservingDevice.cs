using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime;

/// <summary>
/// A device whose blocks have a size at once and an address only after <see cref="Commit"/>: what a request needs is
/// laid out, then checked, then allocated. Everything but allocation goes straight to the device behind it.
/// </summary>
/// <param name="device">The device behind it; borrowed.</param>
public sealed class ReservingDevice(IDevice device) : IDevice
{
    private readonly List<Block> _reserved = [];

    /// <inheritdoc/>
    public string Name => device.Name;

    /// <inheritdoc/>
    public string Description => device.Description;

    /// <inheritdoc/>
    public long AvailableBytes => device.AvailableBytes;

    /// <summary>Reserves memory, which has no address before <see cref="Commit"/>.</summary>
    /// <param name="byteLength">Bytes, at least 0.</param>
    /// <param name="purpose">What for.</param>
    public DeviceMemory Allocate(long byteLength, string purpose)
    {
        var block = new Block(byteLength, purpose);
        _reserved.Add(block);
        return block;
    }

    /// <summary>Allocates what was reserved since the last call.</summary>
    /// <exception cref="DeviceException">Not enough memory; dispose the blocks, some may have been allocated.</exception>
    public void Commit()
    {
        foreach (var block in _reserved) block.Commit(device);
        _reserved.Clear();
    }

    /// <inheritdoc/>
    public nint MakeResident(nint hostAddress, long byteLength) => device.MakeResident(hostAddress, byteLength);

    /// <inheritdoc/>
    public void ReleaseResidents() => device.ReleaseResidents();

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, nint destination) => device.Upload(source, destination);

    /// <inheritdoc/>
    public void Download(nint source, Span<byte> destination) => device.Download(source, destination);

    /// <inheritdoc/>
    public void Copy(nint source, nint destination, long byteLength) => device.Copy(source, destination, byteLength);

    /// <inheritdoc/>
    public void Synchronize() => device.Synchronize();

    /// <summary>Does nothing: blocks are disposed by those who reserved them.</summary>
    public void Dispose()
    {
    }

    private sealed class Block(long byteLength, string purpose) : DeviceMemory(byteLength, purpose)
    {
        private DeviceMemory? _memory;
        private bool _isGivenBack;

        public override nint Address => _memory?.Address
            ?? throw new InvalidOperationException($"{Purpose}: reserved, but not allocated yet.");

        public void Commit(IDevice device)
        {
            if (!_isGivenBack) _memory = device.Allocate(ByteLength, Purpose);
        }

        protected override void Free()
        {
            _isGivenBack = true;
            _memory?.Dispose();
        }
    }
}
