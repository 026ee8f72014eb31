namespace FlamingoGpu.Runtime;

/// <summary>
/// A device that holds and runs nothing: it only counts what would be allocated. Memory plans are made on it, for
/// models of any size, with the same code that later runs.
/// </summary>
public sealed class NullDevice : IDevice
{
    private readonly Dictionary<string, long> _bytesByPurpose = [];

    /// <inheritdoc/>
    public string Name => "null";

    /// <inheritdoc/>
    public string Description => "planning only";

    /// <inheritdoc/>
    public long AvailableBytes => long.MaxValue;

    /// <summary>Bytes asked for, by purpose.</summary>
    public IReadOnlyDictionary<string, long> BytesByPurpose => _bytesByPurpose;

    /// <inheritdoc/>
    public DeviceMemory Allocate(long byteLength, string purpose)
    {
        _bytesByPurpose[purpose] = _bytesByPurpose.GetValueOrDefault(purpose) + byteLength;
        return new NullMemory(byteLength, purpose);
    }

    /// <inheritdoc/>
    public nint MakeResident(nint hostAddress, long byteLength) => 0;

    /// <inheritdoc/>
    public void ReleaseResidents()
    {
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, nint destination)
    {
    }

    /// <inheritdoc/>
    public void Download(nint source, Span<byte> destination)
    {
    }

    /// <inheritdoc/>
    public void Copy(nint source, nint destination, long byteLength)
    {
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class NullMemory(long byteLength, string purpose) : DeviceMemory(byteLength, purpose)
    {
        public override nint Address => 0;

        protected override void Free()
        {
        }
    }
}
