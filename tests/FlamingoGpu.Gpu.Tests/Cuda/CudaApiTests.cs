using System.Reflection;
using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>
/// The binding against the driver's documentation: signatures, structures and constants, written down here a second
/// time from the documentation and not from the binding.
/// </summary>
public unsafe class CudaApiTests
{
    /// <summary>Parameter types of every function, as documented (CUDA 12.0).</summary>
    private static readonly string[] Prototypes =
    [
        "cuGetErrorName(CUresult, const char**)",
        "cuGetErrorString(CUresult, const char**)",
        "cuInit(unsigned int)",
        "cuDeviceGetCount(int*)",
        "cuDeviceGet(CUdevice*, int)",
        "cuDeviceGetName(char*, int, CUdevice)",
        "cuDeviceTotalMem(size_t*, CUdevice)",
        "cuDeviceGetAttribute(int*, CUdevice_attribute, CUdevice)",
        "cuDeviceGetPCIBusId(char*, int, CUdevice)",
        "cuDevicePrimaryCtxRetain(CUcontext*, CUdevice)",
        "cuDevicePrimaryCtxRelease(CUdevice)",
        "cuCtxSetCurrent(CUcontext)",
        "cuMemGetInfo(size_t*, size_t*)",
        "cuMemAlloc(CUdeviceptr*, size_t)",
        "cuMemFree(CUdeviceptr)",
        "cuMemAllocAsync(CUdeviceptr*, size_t, CUstream)",
        "cuMemFreeAsync(CUdeviceptr, CUstream)",
        "cuDeviceGetDefaultMemPool(CUmemoryPool*, CUdevice)",
        "cuMemPoolSetAttribute(CUmemoryPool, CUmemPool_attribute, void*)",
        "cuMemPoolGetAttribute(CUmemoryPool, CUmemPool_attribute, void*)",
        "cuMemPoolTrimTo(CUmemoryPool, size_t)",
        "cuMemHostAlloc(void**, size_t, unsigned int)",
        "cuMemFreeHost(void*)",
        "cuMemcpyHtoDAsync(CUdeviceptr, const void*, size_t, CUstream)",
        "cuMemcpyDtoHAsync(void*, CUdeviceptr, size_t, CUstream)",
        "cuMemcpyDtoDAsync(CUdeviceptr, CUdeviceptr, size_t, CUstream)",
        "cuMemsetD8Async(CUdeviceptr, unsigned char, size_t, CUstream)",
        "cuLinkCreate(unsigned int, CUjit_option*, void**, CUlinkState*)",
        "cuLinkAddData(CUlinkState, CUjitInputType, void*, size_t, const char*, unsigned int, CUjit_option*, void**)",
        "cuLinkComplete(CUlinkState, void**, size_t*)",
        "cuLinkDestroy(CUlinkState)",
        "cuModuleLoadDataEx(CUmodule*, const void*, unsigned int, CUjit_option*, void**)",
        "cuModuleUnload(CUmodule)",
        "cuModuleGetFunction(CUfunction*, CUmodule, const char*)",
        "cuFuncGetAttribute(int*, CUfunction_attribute, CUfunction)",
        "cuFuncSetAttribute(CUfunction, CUfunction_attribute, int)",
        "cuOccupancyMaxActiveBlocksPerMultiprocessor(int*, CUfunction, int, size_t)",
        "cuLaunchKernelEx(const CUlaunchConfig*, CUfunction, void**, void**)",
        "cuStreamCreate(CUstream*, unsigned int)",
        "cuStreamSynchronize(CUstream)",
        "cuStreamDestroy(CUstream)",
        "cuStreamWaitEvent(CUstream, CUevent, unsigned int)",
        "cuStreamBeginCapture(CUstream, CUstreamCaptureMode)",
        "cuStreamEndCapture(CUstream, CUgraph*)",
        "cuGraphGetNodes(CUgraph, CUgraphNode*, size_t*)",
        "cuGraphInstantiateWithFlags(CUgraphExec*, CUgraph, unsigned long long)",
        "cuGraphUpload(CUgraphExec, CUstream)",
        "cuGraphLaunch(CUgraphExec, CUstream)",
        "cuGraphDestroy(CUgraph)",
        "cuGraphExecDestroy(CUgraphExec)",
        "cuEventCreate(CUevent*, unsigned int)",
        "cuEventRecord(CUevent, CUstream)",
        "cuEventQuery(CUevent)",
        "cuEventSynchronize(CUevent)",
        "cuEventElapsedTime(float*, CUevent, CUevent)",
        "cuEventDestroy(CUevent)",
    ];

    private static FieldInfo[] Functions =>
    [
        .. typeof(CudaApi).GetFields(BindingFlags.Instance | BindingFlags.Public)
            .Where(member => member.FieldType.IsFunctionPointer),
    ];

    [Fact]
    public void Functions_AllOfThem_HaveTheDocumentedParameters()
    {
        Assert.Equal(
            Prototypes.Select(Name).Order(StringComparer.Ordinal),
            Functions.Select(field => "cu" + field.Name).Order(StringComparer.Ordinal));
        foreach (var field in Functions)
        {
            var prototype = Prototypes.Single(text => Name(text) == "cu" + field.Name);
            var documented = prototype[(prototype.IndexOf('(') + 1)..^1].Split(", ").Select(DocumentedKind);
            var bound = field.FieldType.GetFunctionPointerParameterTypes().Select(BoundKind);
            Assert.Equal((field.Name, string.Join(' ', documented)), (field.Name, string.Join(' ', bound)));
            Assert.Equal(typeof(CudaStatus), field.FieldType.GetFunctionPointerReturnType());
            Assert.True(field.FieldType.IsUnmanagedFunctionPointer);
        }
    }

    [Fact]
    public void Functions_AllOfThem_AreFetchedUnderTheirOwnName()
    {
        using var fake = new FakeCuda();
        var api = fake.Start();
        foreach (var field in Functions)
        {
            var declared = field.FieldType.GetFunctionPointerParameterTypes();
            var method = typeof(FakeCudaFunctions).GetMethod("cu" + field.Name)!;
            Assert.Equal(declared, method.GetParameters().Select(parameter => parameter.ParameterType));
            Assert.Equal(FakeCuda.AddressOf("cu" + field.Name), (nint)field.GetValue(api)!);
        }
    }

    [Fact]
    public void LaunchStructures_Layout_IsTheDrivers()
    {
        Assert.Equal(56, sizeof(CudaLaunchConfig));
        Assert.Equal(
            [
                ("GridX", 0), ("GridY", 4), ("GridZ", 8), ("BlockX", 12), ("BlockY", 16), ("BlockZ", 20),
                ("SharedBytes", 24), ("Stream", 32), ("Attributes", 40), ("AttributeCount", 48),
            ],
            Offsets<CudaLaunchConfig>());
        Assert.Equal(72, sizeof(CudaLaunchAttribute));
        Assert.Equal([("Id", 0), ("Value", 8)], Offsets<CudaLaunchAttribute>());
    }

    [Fact]
    public void Constants_OfEveryEnumeration_AreTheDrivers()
    {
        AssertValues<CudaLaunchAttributeId>(
            ("AccessPolicyWindow", 1), ("Cooperative", 2), ("ClusterDimension", 4), ("ClusterScheduling", 5),
            ("ProgrammaticStreamSerialization", 6), ("ProgrammaticEvent", 7), ("Priority", 8));
        AssertValues<CudaJitOption>(
            ("MaxRegisters", 0), ("WallTime", 2), ("InfoLog", 3), ("InfoLogBytes", 4), ("ErrorLog", 5),
            ("ErrorLogBytes", 6), ("OptimizationLevel", 7), ("TargetFromContext", 8), ("DebugInfo", 11),
            ("LogVerbose", 12), ("LineInfo", 13));
        AssertValues<CudaFunctionAttribute>(
            ("SharedBytes", 1), ("LocalBytes", 3), ("Registers", 4), ("BinaryVersion", 6), ("MaxDynamicShared", 8),
            ("SharedCarveout", 9), ("NonPortableCluster", 14));
        AssertValues<CudaDeviceAttribute>(
            ("ClockRate", 13), ("MultiprocessorCount", 16), ("MemoryClockRate", 36), ("MemoryBusWidth", 37),
            ("L2CacheSize", 38), ("ThreadsPerMultiprocessor", 39), ("ComputeMajor", 75), ("ComputeMinor", 76),
            ("SharedPerMultiprocessor", 81), ("RegistersPerMultiprocessor", 82), ("SharedPerBlockOptIn", 97),
            ("PersistingL2", 108), ("MemoryPools", 115), ("ClusterLaunch", 120));
        AssertValues<CudaPoolAttribute>(("ReleaseThreshold", 4), ("ReservedCurrent", 5), ("UsedCurrent", 7));
        AssertValues<CudaStatus>(
            ("Success", 0), ("InvalidValue", 1), ("OutOfMemory", 2), ("NotInitialized", 3), ("Deinitialized", 4),
            ("NoDevice", 100), ("InvalidDevice", 101), ("EccUncorrectable", 214), ("InvalidPtx", 218),
            ("JitCompilerNotFound", 221), ("UnsupportedPtxVersion", 222), ("NotFound", 500), ("NotReady", 600),
            ("IllegalAddress", 700), ("LaunchOutOfResources", 701), ("LaunchTimeout", 702), ("Assert", 710),
            ("HardwareStackError", 714), ("IllegalInstruction", 715), ("MisalignedAddress", 716),
            ("InvalidAddressSpace", 717), ("InvalidPc", 718), ("LaunchFailed", 719), ("SystemNotReady", 802),
            ("SystemDriverMismatch", 803), ("StreamCaptureUnsupported", 900), ("StreamCaptureInvalidated", 901),
            ("StreamCaptureImplicit", 906));
    }

    private static string Name(string prototype) => prototype[..prototype.IndexOf('(')];

    /// <summary>What decides how an argument is passed on 64-bit systems.</summary>
    private static string DocumentedKind(string type) => type switch
    {
        _ when type.EndsWith('*') => "address",
        "int" or "CUdevice" or "unsigned int" => "4 bytes",
        "CUresult" or "CUdevice_attribute" or "CUfunction_attribute" or "CUmemPool_attribute" or "CUjitInputType"
            or "CUstreamCaptureMode" => "4 bytes",
        "unsigned char" => "1 byte",
        "size_t" or "unsigned long long" => "8 bytes",
        "CUcontext" or "CUdeviceptr" or "CUstream" or "CUevent" or "CUgraph" or "CUgraphExec" or "CUmodule"
            or "CUfunction" or "CUlinkState" or "CUmemoryPool" => "address",
        _ => throw new InvalidOperationException(type),
    };

    private static string BoundKind(Type type) => type switch
    {
        { IsPointer: true } => "address",
        { IsEnum: true } => Enum.GetUnderlyingType(type) == typeof(int) ? "4 bytes" : type.Name,
        _ when type == typeof(int) || type == typeof(uint) => "4 bytes",
        _ when type == typeof(byte) => "1 byte",
        _ when type == typeof(nuint) || type == typeof(ulong) => "8 bytes",
        _ when type == typeof(nint) => "address",
        _ => type.Name,
    };

    private static IEnumerable<(string, int)> Offsets<T>() =>
        typeof(T).GetFields().Select(field => (field.Name, (int)Marshal.OffsetOf<T>(field.Name)));

    private static void AssertValues<T>(params (string Name, int Value)[] expected)
        where T : struct, Enum =>
        Assert.Equal(expected, Enum.GetValues<T>().Select(value => (value.ToString(), Convert.ToInt32(value))));
}
