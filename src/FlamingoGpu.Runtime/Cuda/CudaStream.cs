using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// A stream. It is one of the kind that keeps order with the legacy stream, in which memory is allocated and freed.
/// </summary>
internal sealed unsafe class CudaStream : IGpuStream
{
    private const int CaptureThreadLocal = 1; // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may do as they like
    private const nint ParameterEnd = 0; // CU_LAUNCH_PARAM_END
    private const nint ParameterBuffer = 1; // CU_LAUNCH_PARAM_BUFFER_POINTER
    private const nint ParameterBytes = 2; // CU_LAUNCH_PARAM_BUFFER_SIZE

    private readonly CudaContext _context;
    private nint _handle;

    /// <summary>Makes an empty stream.</summary>
    public CudaStream(CudaContext context)
    {
        _context = context;
        var api = context.Enter();
        nint handle;
        api.Check(api.StreamCreate(&handle, 0), "cuStreamCreate");
        _handle = handle;
    }

    /// <inheritdoc/>
    public void Upload(nint hostSource, nint destination, long byteLength)
    {
        if (byteLength == 0) return;
        var status = _context.Enter().MemcpyHtoDAsync(destination, hostSource, (nuint)byteLength, _handle);
        _context.Check(status, "cuMemcpyHtoDAsync");
    }

    /// <inheritdoc/>
    public void Download(nint source, nint hostDestination, long byteLength)
    {
        if (byteLength == 0) return;
        var status = _context.Enter().MemcpyDtoHAsync(hostDestination, source, (nuint)byteLength, _handle);
        _context.Check(status, "cuMemcpyDtoHAsync");
    }

    /// <inheritdoc/>
    public void Copy(nint source, nint destination, long byteLength)
    {
        if (byteLength == 0) return;
        var status = _context.Enter().MemcpyDtoDAsync(destination, source, (nuint)byteLength, _handle);
        _context.Check(status, "cuMemcpyDtoDAsync");
    }

    /// <inheritdoc/>
    public void Fill(nint destination, byte value, long byteLength)
    {
        if (byteLength == 0) return;
        var status = _context.Enter().MemsetD8Async(destination, value, (nuint)byteLength, _handle);
        _context.Check(status, "cuMemsetD8Async");
    }

    /// <inheritdoc/>
    public void Launch(IGpuFunction function, GpuLaunchShape shape, ReadOnlySpan<byte> parameters)
    {
        var config = CudaLaunchConfig.Of(shape, _handle);
        var early = new CudaLaunchAttribute { Id = CudaLaunchAttributeId.ProgrammaticStreamSerialization, Value = 1 };
        if (shape.StartsEarly)
        {
            config.Attributes = &early;
            config.AttributeCount = 1;
        }

        var byteLength = (nuint)parameters.Length;
        CudaStatus status;
        fixed (byte* block = parameters)
        {
            var extra = stackalloc nint[]
                { ParameterBuffer, (nint)block, ParameterBytes, (nint)(&byteLength), ParameterEnd };
            status = _context.Enter().LaunchKernelEx(
                &config, ((CudaFunction)function).Handle, null, parameters.IsEmpty ? null : extra);
        }

        if (status != CudaStatus.Success) throw LaunchFailed(status, function, shape);
    }

    /// <inheritdoc/>
    public void Launch(IGpuGraph graph) =>
        _context.Check(_context.Enter().GraphLaunch(((CudaGraph)graph).Handle, _handle), "cuGraphLaunch");

    /// <inheritdoc/>
    public void Record(IGpuEvent mark) =>
        _context.Check(_context.Enter().EventRecord(((CudaEvent)mark).Handle, _handle), "cuEventRecord");

    /// <inheritdoc/>
    public void Wait(IGpuEvent mark) =>
        _context.Check(_context.Enter().StreamWaitEvent(_handle, ((CudaEvent)mark).Handle, 0), "cuStreamWaitEvent");

    /// <inheritdoc/>
    public void Synchronize() => _context.Check(_context.Enter().StreamSynchronize(_handle), "cuStreamSynchronize");

    /// <inheritdoc/>
    public void BeginCapture() =>
        _context.Check(_context.Enter().StreamBeginCapture(_handle, CaptureThreadLocal), "cuStreamBeginCapture");

    /// <inheritdoc/>
    public IGpuGraph EndCapture()
    {
        nint template;
        _context.Check(_context.Enter().StreamEndCapture(_handle, &template), "cuStreamEndCapture");
        return new CudaGraph(_context, template, _handle);
    }

    /// <summary>Work still enqueued is done first, without waiting for it here. Never throws.</summary>
    public void Dispose()
    {
        if (_handle != 0 && _context.IsOpen) _ = _context.Enter().StreamDestroy(_handle);
        _handle = 0;
    }

    private DeviceException LaunchFailed(CudaStatus status, IGpuFunction function, GpuLaunchShape shape) =>
        CudaErrors.Failed(
            _context.Enter(), status, "cuLaunchKernelEx",
            $"Kernel {function.Name}, grid {shape.GridX}x{shape.GridY}x{shape.GridZ}, block {shape.BlockX}x"
            + $"{shape.BlockY}x{shape.BlockZ}, {shape.DynamicSharedBytes:N0} bytes of dynamic shared memory, "
            + $"{function.RegistersPerThread} registers a thread.");
}
