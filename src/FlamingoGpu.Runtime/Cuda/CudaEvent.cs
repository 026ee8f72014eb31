using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>A mark in a stream.</summary>
internal sealed unsafe class CudaEvent : IGpuEvent
{
    private const uint Timed = 0;
    private const uint DisableTiming = 2; // CU_EVENT_DISABLE_TIMING: cheaper to record and to wait for

    private readonly CudaContext _context;

    /// <summary>Makes a mark that was not reached by anything yet.</summary>
    public CudaEvent(CudaContext context, bool timed)
    {
        _context = context;
        var api = context.Enter();
        nint handle;
        api.Check(api.EventCreate(&handle, timed ? Timed : DisableTiming), "cuEventCreate");
        Handle = handle;
    }

    /// <summary><c>CUevent</c>.</summary>
    public nint Handle { get; private set; }

    /// <inheritdoc/>
    public bool IsDone
    {
        get
        {
            var status = _context.Enter().EventQuery(Handle);
            if (status == CudaStatus.NotReady) return false;
            _context.Check(status, "cuEventQuery");
            return true;
        }
    }

    /// <inheritdoc/>
    public void Synchronize() => _context.Check(_context.Enter().EventSynchronize(Handle), "cuEventSynchronize");

    /// <inheritdoc/>
    public float MillisecondsSince(IGpuEvent earlier)
    {
        float milliseconds;
        var status = _context.Enter().EventElapsedTime(&milliseconds, ((CudaEvent)earlier).Handle, Handle);
        _context.Check(status, "cuEventElapsedTime");
        return milliseconds;
    }

    /// <summary>Never throws.</summary>
    public void Dispose()
    {
        if (Handle != 0 && _context.IsOpen) _ = _context.Enter().EventDestroy(Handle);
        Handle = 0;
    }
}
