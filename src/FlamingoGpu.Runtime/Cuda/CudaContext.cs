using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// The primary context of a card, which all users of the card in this process share. Contexts are a property of the
/// calling thread, therefore every call to the driver goes through <see cref="Enter"/>.
/// </summary>
internal sealed unsafe class CudaContext : IDisposable
{
    [ThreadStatic]
    private static CudaContext? _current;

    private readonly CudaApi _api;
    private readonly nint _handle;

    /// <summary>Takes a share of the card's primary context.</summary>
    public CudaContext(CudaApi api, int device)
    {
        _api = api;
        Device = device;
        nint handle;
        api.Check(api.DevicePrimaryCtxRetain(&handle, device), "cuDevicePrimaryCtxRetain");
        _handle = handle;
    }

    /// <summary>The card.</summary>
    public int Device { get; }

    /// <summary>False once given back; what belonged to the context is gone then.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Makes the context current on this thread and gives the functions that work in it.</summary>
    public CudaApi Enter()
    {
        ObjectDisposedException.ThrowIf(!IsOpen, this);
        if (!ReferenceEquals(_current, this))
        {
            _api.Check(_api.CtxSetCurrent(_handle), "cuCtxSetCurrent");
            _current = this;
        }

        return _api;
    }

    /// <summary>Throws unless the call succeeded.</summary>
    /// <exception cref="DeviceException">It did not.</exception>
    public void Check(CudaStatus status, string call) => _api.Check(status, call);

    /// <summary>Gives the share back. Never throws: after a failed kernel every call fails.</summary>
    public void Dispose()
    {
        if (!IsOpen) return;
        IsOpen = false;
        if (ReferenceEquals(_current, this))
        {
            _ = _api.CtxSetCurrent(0);
            _current = null;
        }

        _ = _api.DevicePrimaryCtxRelease(Device);
    }
}
