namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// Copies between pageable host memory and the device through pinned buffers. Small uploads queue up behind each other
/// in a ring and return at once; large ones alternate between the halves of the ring.
/// </summary>
internal sealed unsafe class PinnedStaging(IGpuDriver driver, IGpuStream stream) : IDisposable
{
    private const long ByteLength = 32L << 20;
    private const long Half = ByteLength / 2;

    private nint _buffer;
    private long _used;

    private nint Buffer => _buffer != 0 ? _buffer : _buffer = driver.AllocatePinned(ByteLength);

    /// <summary>Copies to the device; the host bytes may change as soon as this returns.</summary>
    public void Upload(nint hostSource, nint destination, long byteLength)
    {
        for (long done = 0; done < byteLength;)
        {
            var count = Math.Min(Half, byteLength - done);
            if (_used + count > ByteLength)
            {
                stream.Synchronize(); // the ring is used again from its start
                _used = 0;
            }

            var pinned = Buffer + (nint)_used;
            System.Buffer.MemoryCopy((void*)(hostSource + (nint)done), (void*)pinned, count, count);
            stream.Upload(pinned, destination + (nint)done, count);
            _used += count + 15 & ~15L;
            done += count;
        }
    }

    /// <summary>Copies from the device, after all work enqueued before.</summary>
    public void Download(nint source, nint hostDestination, long byteLength)
    {
        stream.Synchronize();
        _used = 0;
        for (long done = 0; done < byteLength;)
        {
            var count = Math.Min(ByteLength, byteLength - done);
            stream.Download(source + (nint)done, Buffer, count);
            stream.Synchronize();
            System.Buffer.MemoryCopy((void*)Buffer, (void*)(hostDestination + (nint)done), count, count);
            done += count;
        }
    }

    public void Dispose()
    {
        if (_buffer != 0) driver.FreePinned(_buffer);
    }
}
