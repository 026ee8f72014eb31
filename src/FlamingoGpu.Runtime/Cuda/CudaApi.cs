using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// The functions of the CUDA driver that the runtime calls, as pointers; the comment of each names its arguments.
/// Everything the driver is asked goes through here, so that a test can put its own functions in place.
/// </summary>
/// <param name="resolve">Address of a function by its name without a version suffix.</param>
/// <param name="driverVersion">As <c>cuDriverGetVersion</c> counts: 13000 for CUDA 13.0.</param>
internal sealed unsafe class CudaApi(Func<string, nint> resolve, int driverVersion)
{
    /// <summary>(name of a status)</summary>
    public readonly delegate* unmanaged<CudaStatus, byte**, CudaStatus> GetErrorName =
        (delegate* unmanaged<CudaStatus, byte**, CudaStatus>)resolve("cuGetErrorName");

    /// <summary>(what a status means)</summary>
    public readonly delegate* unmanaged<CudaStatus, byte**, CudaStatus> GetErrorString =
        (delegate* unmanaged<CudaStatus, byte**, CudaStatus>)resolve("cuGetErrorString");

    /// <summary>(flags, 0)</summary>
    public readonly delegate* unmanaged<uint, CudaStatus> Init =
        (delegate* unmanaged<uint, CudaStatus>)resolve("cuInit");

    /// <summary>(cards)</summary>
    public readonly delegate* unmanaged<int*, CudaStatus> DeviceGetCount =
        (delegate* unmanaged<int*, CudaStatus>)resolve("cuDeviceGetCount");

    /// <summary>(card of an ordinal)</summary>
    public readonly delegate* unmanaged<int*, int, CudaStatus> DeviceGet =
        (delegate* unmanaged<int*, int, CudaStatus>)resolve("cuDeviceGet");

    /// <summary>(buffer, its bytes, card)</summary>
    public readonly delegate* unmanaged<byte*, int, int, CudaStatus> DeviceGetName =
        (delegate* unmanaged<byte*, int, int, CudaStatus>)resolve("cuDeviceGetName");

    /// <summary>(bytes, card)</summary>
    public readonly delegate* unmanaged<nuint*, int, CudaStatus> DeviceTotalMem =
        (delegate* unmanaged<nuint*, int, CudaStatus>)resolve("cuDeviceTotalMem");

    /// <summary>(value, which, card)</summary>
    public readonly delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaStatus> DeviceGetAttribute =
        (delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaStatus>)resolve("cuDeviceGetAttribute");

    /// <summary>(buffer, its bytes, card)</summary>
    public readonly delegate* unmanaged<byte*, int, int, CudaStatus> DeviceGetPCIBusId =
        (delegate* unmanaged<byte*, int, int, CudaStatus>)resolve("cuDeviceGetPCIBusId");

    /// <summary>(context, card)</summary>
    public readonly delegate* unmanaged<nint*, int, CudaStatus> DevicePrimaryCtxRetain =
        (delegate* unmanaged<nint*, int, CudaStatus>)resolve("cuDevicePrimaryCtxRetain");

    /// <summary>(card)</summary>
    public readonly delegate* unmanaged<int, CudaStatus> DevicePrimaryCtxRelease =
        (delegate* unmanaged<int, CudaStatus>)resolve("cuDevicePrimaryCtxRelease");

    /// <summary>(context)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> CtxSetCurrent =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuCtxSetCurrent");

    /// <summary>(free, total)</summary>
    public readonly delegate* unmanaged<nuint*, nuint*, CudaStatus> MemGetInfo =
        (delegate* unmanaged<nuint*, nuint*, CudaStatus>)resolve("cuMemGetInfo");

    /// <summary>(address, bytes)</summary>
    public readonly delegate* unmanaged<nint*, nuint, CudaStatus> MemAlloc =
        (delegate* unmanaged<nint*, nuint, CudaStatus>)resolve("cuMemAlloc");

    /// <summary>(address)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> MemFree =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuMemFree");

    /// <summary>(address, bytes, stream)</summary>
    public readonly delegate* unmanaged<nint*, nuint, nint, CudaStatus> MemAllocAsync =
        (delegate* unmanaged<nint*, nuint, nint, CudaStatus>)resolve("cuMemAllocAsync");

    /// <summary>(address, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, CudaStatus> MemFreeAsync =
        (delegate* unmanaged<nint, nint, CudaStatus>)resolve("cuMemFreeAsync");

    /// <summary>(pool, card)</summary>
    public readonly delegate* unmanaged<nint*, int, CudaStatus> DeviceGetDefaultMemPool =
        (delegate* unmanaged<nint*, int, CudaStatus>)resolve("cuDeviceGetDefaultMemPool");

    /// <summary>(pool, which, value)</summary>
    public readonly delegate* unmanaged<nint, CudaPoolAttribute, ulong*, CudaStatus> MemPoolSetAttribute =
        (delegate* unmanaged<nint, CudaPoolAttribute, ulong*, CudaStatus>)resolve("cuMemPoolSetAttribute");

    /// <summary>(pool, which, value)</summary>
    public readonly delegate* unmanaged<nint, CudaPoolAttribute, ulong*, CudaStatus> MemPoolGetAttribute =
        (delegate* unmanaged<nint, CudaPoolAttribute, ulong*, CudaStatus>)resolve("cuMemPoolGetAttribute");

    /// <summary>(pool, bytes to keep)</summary>
    public readonly delegate* unmanaged<nint, nuint, CudaStatus> MemPoolTrimTo =
        (delegate* unmanaged<nint, nuint, CudaStatus>)resolve("cuMemPoolTrimTo");

    /// <summary>(address, bytes, flags)</summary>
    public readonly delegate* unmanaged<nint*, nuint, uint, CudaStatus> MemHostAlloc =
        (delegate* unmanaged<nint*, nuint, uint, CudaStatus>)resolve("cuMemHostAlloc");

    /// <summary>(address)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> MemFreeHost =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuMemFreeHost");

    /// <summary>(to device, from host, bytes, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, nint, CudaStatus> MemcpyHtoDAsync =
        (delegate* unmanaged<nint, nint, nuint, nint, CudaStatus>)resolve("cuMemcpyHtoDAsync");

    /// <summary>(to host, from device, bytes, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, nint, CudaStatus> MemcpyDtoHAsync =
        (delegate* unmanaged<nint, nint, nuint, nint, CudaStatus>)resolve("cuMemcpyDtoHAsync");

    /// <summary>(to, from, bytes, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, nint, CudaStatus> MemcpyDtoDAsync =
        (delegate* unmanaged<nint, nint, nuint, nint, CudaStatus>)resolve("cuMemcpyDtoDAsync");

    /// <summary>(address, value, bytes, stream)</summary>
    public readonly delegate* unmanaged<nint, byte, nuint, nint, CudaStatus> MemsetD8Async =
        (delegate* unmanaged<nint, byte, nuint, nint, CudaStatus>)resolve("cuMemsetD8Async");

    /// <summary>(options: how many, which, values; linker)</summary>
    public readonly delegate* unmanaged<uint, CudaJitOption*, nint*, nint*, CudaStatus> LinkCreate =
        (delegate* unmanaged<uint, CudaJitOption*, nint*, nint*, CudaStatus>)resolve("cuLinkCreate");

    /// <summary>(linker, kind, data, bytes, name, options)</summary>
    public readonly delegate* unmanaged<nint, int, byte*, nuint, byte*, uint, CudaJitOption*, nint*, CudaStatus>
        LinkAddData = (delegate* unmanaged<nint, int, byte*, nuint, byte*, uint, CudaJitOption*, nint*, CudaStatus>)
            resolve("cuLinkAddData");

    /// <summary>(linker, cubin (owned by it), bytes)</summary>
    public readonly delegate* unmanaged<nint, byte**, nuint*, CudaStatus> LinkComplete =
        (delegate* unmanaged<nint, byte**, nuint*, CudaStatus>)resolve("cuLinkComplete");

    /// <summary>(linker)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> LinkDestroy =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuLinkDestroy");

    /// <summary>(module, image, options)</summary>
    public readonly delegate* unmanaged<nint*, byte*, uint, CudaJitOption*, nint*, CudaStatus> ModuleLoadDataEx =
        (delegate* unmanaged<nint*, byte*, uint, CudaJitOption*, nint*, CudaStatus>)resolve("cuModuleLoadDataEx");

    /// <summary>(module)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> ModuleUnload =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuModuleUnload");

    /// <summary>(function, module, name)</summary>
    public readonly delegate* unmanaged<nint*, nint, byte*, CudaStatus> ModuleGetFunction =
        (delegate* unmanaged<nint*, nint, byte*, CudaStatus>)resolve("cuModuleGetFunction");

    /// <summary>(value, which, function)</summary>
    public readonly delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaStatus> FuncGetAttribute =
        (delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaStatus>)resolve("cuFuncGetAttribute");

    /// <summary>(function, which, value)</summary>
    public readonly delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaStatus> FuncSetAttribute =
        (delegate* unmanaged<nint, CudaFunctionAttribute, int, CudaStatus>)resolve("cuFuncSetAttribute");

    /// <summary>(blocks, function, threads, dynamic shared bytes)</summary>
    public readonly delegate* unmanaged<int*, nint, int, nuint, CudaStatus> OccupancyMaxActiveBlocksPerMultiprocessor =
        (delegate* unmanaged<int*, nint, int, nuint, CudaStatus>)resolve("cuOccupancyMaxActiveBlocksPerMultiprocessor");

    /// <summary>(shape, function, parameters one by one, parameter block)</summary>
    public readonly delegate* unmanaged<CudaLaunchConfig*, nint, nint*, nint*, CudaStatus> LaunchKernelEx =
        (delegate* unmanaged<CudaLaunchConfig*, nint, nint*, nint*, CudaStatus>)resolve("cuLaunchKernelEx");

    /// <summary>(stream, flags)</summary>
    public readonly delegate* unmanaged<nint*, uint, CudaStatus> StreamCreate =
        (delegate* unmanaged<nint*, uint, CudaStatus>)resolve("cuStreamCreate");

    /// <summary>(stream)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> StreamSynchronize =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuStreamSynchronize");

    /// <summary>(stream)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> StreamDestroy =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuStreamDestroy");

    /// <summary>(stream, event, flags)</summary>
    public readonly delegate* unmanaged<nint, nint, uint, CudaStatus> StreamWaitEvent =
        (delegate* unmanaged<nint, nint, uint, CudaStatus>)resolve("cuStreamWaitEvent");

    /// <summary>(stream, mode)</summary>
    public readonly delegate* unmanaged<nint, int, CudaStatus> StreamBeginCapture =
        (delegate* unmanaged<nint, int, CudaStatus>)resolve("cuStreamBeginCapture");

    /// <summary>(stream, graph)</summary>
    public readonly delegate* unmanaged<nint, nint*, CudaStatus> StreamEndCapture =
        (delegate* unmanaged<nint, nint*, CudaStatus>)resolve("cuStreamEndCapture");

    /// <summary>(graph, nodes or null, how many)</summary>
    public readonly delegate* unmanaged<nint, nint*, nuint*, CudaStatus> GraphGetNodes =
        (delegate* unmanaged<nint, nint*, nuint*, CudaStatus>)resolve("cuGraphGetNodes");

    /// <summary>(executable, graph, flags)</summary>
    public readonly delegate* unmanaged<nint*, nint, ulong, CudaStatus> GraphInstantiateWithFlags =
        (delegate* unmanaged<nint*, nint, ulong, CudaStatus>)resolve("cuGraphInstantiateWithFlags");

    /// <summary>(executable, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, CudaStatus> GraphUpload =
        (delegate* unmanaged<nint, nint, CudaStatus>)resolve("cuGraphUpload");

    /// <summary>(executable, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, CudaStatus> GraphLaunch =
        (delegate* unmanaged<nint, nint, CudaStatus>)resolve("cuGraphLaunch");

    /// <summary>(graph)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> GraphDestroy =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuGraphDestroy");

    /// <summary>(executable)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> GraphExecDestroy =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuGraphExecDestroy");

    /// <summary>(event, flags)</summary>
    public readonly delegate* unmanaged<nint*, uint, CudaStatus> EventCreate =
        (delegate* unmanaged<nint*, uint, CudaStatus>)resolve("cuEventCreate");

    /// <summary>(event, stream)</summary>
    public readonly delegate* unmanaged<nint, nint, CudaStatus> EventRecord =
        (delegate* unmanaged<nint, nint, CudaStatus>)resolve("cuEventRecord");

    /// <summary>(event)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> EventQuery =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuEventQuery");

    /// <summary>(event)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> EventSynchronize =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuEventSynchronize");

    /// <summary>(milliseconds, start, end)</summary>
    public readonly delegate* unmanaged<float*, nint, nint, CudaStatus> EventElapsedTime =
        (delegate* unmanaged<float*, nint, nint, CudaStatus>)resolve("cuEventElapsedTime");

    /// <summary>(event)</summary>
    public readonly delegate* unmanaged<nint, CudaStatus> EventDestroy =
        (delegate* unmanaged<nint, CudaStatus>)resolve("cuEventDestroy");

    /// <summary>CUDA version of the driver: 13000 for 13.0.</summary>
    public int DriverVersion => driverVersion;

    /// <summary>Throws unless the call succeeded.</summary>
    /// <exception cref="DeviceException">It did not.</exception>
    public void Check(CudaStatus status, string call)
    {
        if (status != CudaStatus.Success) throw CudaErrors.Failed(this, status, call);
    }

    /// <summary>Asks for a property of a card.</summary>
    public int Attribute(CudaDeviceAttribute attribute, int device)
    {
        int value;
        Check(DeviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }
}
