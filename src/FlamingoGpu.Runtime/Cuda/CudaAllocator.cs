using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// Device memory. On cards with memory pools (all since 8.0, unless virtualised) it is allocated and freed in the
/// order of the legacy stream, which waits for all streams of <see cref="CudaStream"/> and which they wait for: an
/// address can be used at once and freed at once, and freed memory stays in the pool for the next allocation.
/// Elsewhere <c>cuMemAlloc</c>, whose free waits for the device.
/// </summary>
internal sealed unsafe class CudaAllocator : IDisposable
{
    private const nint LegacyStream = 0;

    private readonly CudaContext _context;
    private readonly string _device;
    private readonly nint _pool; // 0 without pools
    private readonly ulong _earlierThreshold;

    /// <summary>Keeps freed memory in the card's pool from now on.</summary>
    /// <param name="context">The card.</param>
    /// <param name="device">Its name, for errors.</param>
    public CudaAllocator(CudaContext context, string device)
    {
        _context = context;
        _device = device;
        var api = context.Enter();
        if (api.Attribute(CudaDeviceAttribute.MemoryPools, context.Device) == 0) return;
        nint pool;
        api.Check(api.DeviceGetDefaultMemPool(&pool, context.Device), "cuDeviceGetDefaultMemPool");
        _pool = pool;
        _earlierThreshold = PoolValue(api, CudaPoolAttribute.ReleaseThreshold);
        SetThreshold(api, ulong.MaxValue);
    }

    /// <summary>Memory of the card; what the pool keeps unused counts as free.</summary>
    public GpuMemoryState State
    {
        get
        {
            var api = _context.Enter();
            nuint free, total;
            api.Check(api.MemGetInfo(&free, &total), "cuMemGetInfo");
            var kept = _pool == 0
                ? 0
                : PoolValue(api, CudaPoolAttribute.ReservedCurrent) - PoolValue(api, CudaPoolAttribute.UsedCurrent);
            return new GpuMemoryState((long)(free + kept), (long)total);
        }
    }

    /// <summary>Allocates; the driver aligns to 512 bytes.</summary>
    /// <exception cref="DeviceException">Not enough memory.</exception>
    public nint Allocate(long byteLength, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        var api = _context.Enter();
        var bytes = (nuint)Math.Max(byteLength, 1);
        nint address;
        var status = _pool == 0 ? api.MemAlloc(&address, bytes) : api.MemAllocAsync(&address, bytes, LegacyStream);
        if (status == CudaStatus.OutOfMemory)
        {
            var state = State;
            throw new DeviceException(
                $"cuda: {purpose} needs {byteLength:N0} bytes, {state.FreeBytes:N0} of {state.TotalBytes:N0} are free "
                + $"on {_device}. Use a shorter context, a smaller dtype, or a card with more memory.");
        }

        api.Check(status, _pool == 0 ? "cuMemAlloc" : "cuMemAllocAsync");
        return address;
    }

    /// <summary>Frees, after the work enqueued before. A lost device frees all at its end.</summary>
    public void Free(nint address)
    {
        var api = _context.Enter();
        var status = _pool == 0 ? api.MemFree(address) : api.MemFreeAsync(address, LegacyStream);
        if (!CudaErrors.IsLost(status)) api.Check(status, _pool == 0 ? "cuMemFree" : "cuMemFreeAsync");
    }

    /// <summary>Gives the pool's unused memory back to the card. Never throws.</summary>
    public void Dispose()
    {
        if (_pool == 0) return;
        var api = _context.Enter();
        _ = api.StreamSynchronize(LegacyStream); // frees still under way
        var threshold = _earlierThreshold;
        _ = api.MemPoolSetAttribute(_pool, CudaPoolAttribute.ReleaseThreshold, &threshold);
        _ = api.MemPoolTrimTo(_pool, 0);
    }

    private ulong PoolValue(CudaApi api, CudaPoolAttribute attribute)
    {
        ulong value;
        api.Check(api.MemPoolGetAttribute(_pool, attribute, &value), "cuMemPoolGetAttribute");
        return value;
    }

    private void SetThreshold(CudaApi api, ulong bytes) =>
        api.Check(api.MemPoolSetAttribute(_pool, CudaPoolAttribute.ReleaseThreshold, &bytes), "cuMemPoolSetAttribute");
}
