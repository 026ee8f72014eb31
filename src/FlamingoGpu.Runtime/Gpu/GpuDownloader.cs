namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// Copies from the device to pageable host memory through a pinned buffer, which is allocated at the first copy.
/// </summary>
internal sealed unsafe class GpuDownloader(IGpuDriver driver, IGpuStream stream) : IDisposable
{
    private const long ByteLength = 16L << 20;

    private nint _buffer;

    /// <summary>Copies after all work enqueued before; returns when the bytes are there.</summary>
    public void Download(nint source, nint hostDestination, long byteLength)
    {
        if (_buffer == 0) _buffer = driver.AllocatePinned(ByteLength);
        for (long done = 0; done < byteLength;)
        {
            var count = Math.Min(ByteLength, byteLength - done);
            stream.Download(source + (nint)done, _buffer, count);
            stream.Synchronize();
            Buffer.MemoryCopy((void*)_buffer, (void*)(hostDestination + (nint)done), count, count);
            done += count;
        }
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer != 0) driver.FreePinned(_buffer);
        _buffer = 0;
    }
}
