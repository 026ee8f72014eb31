namespace FlamingoGpu.Runtime;

/// <summary>A block of device memory; freed when disposed.</summary>
public abstract class DeviceMemory : IDisposable
{
    /// <summary>Makes the description of a block.</summary>
    protected DeviceMemory(long byteLength, string purpose) => (ByteLength, Purpose) = (byteLength, purpose);

    /// <summary>Device address of the first byte.</summary>
    public abstract nint Address { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>What it was allocated for.</summary>
    public string Purpose { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back; called once or more.</summary>
    protected abstract void Free();
}
