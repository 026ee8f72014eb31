namespace FlamingoGpu.Runtime.Gpu;

/// <summary>Pinned host memory and the mark that tells when the copy into it is done.</summary>
internal sealed unsafe class GpuReadback(IGpuDriver driver, IGpuStream stream, int byteLength) : IReadback
{
    private readonly nint _pinned = driver.AllocatePinned(byteLength);
    private readonly IGpuEvent _arrived = driver.CreateEvent(timed: false);

    public void Enqueue(nint source)
    {
        stream.Download(source, _pinned, byteLength);
        stream.Record(_arrived);
    }

    public ReadOnlySpan<byte> Wait()
    {
        _arrived.Synchronize();
        return new ReadOnlySpan<byte>((void*)_pinned, byteLength);
    }

    public void Dispose()
    {
        _arrived.Synchronize();
        _arrived.Dispose();
        driver.FreePinned(_pinned);
    }
}
