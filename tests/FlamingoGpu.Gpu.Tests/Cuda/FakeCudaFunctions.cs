using System.Runtime.InteropServices;
using System.Text;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Gpu.Tests.Cuda;

#pragma warning disable IDE0060, CA1801 // signatures are the driver's

/// <summary>The functions of <see cref="FakeCuda"/>, callable through native pointers. None throws.</summary>
internal static unsafe class FakeCudaFunctions
{
    private static FakeCuda Fake => FakeCuda.Current;

    [UnmanagedCallersOnly]
    public static CudaStatus cuDriverGetVersion(int* version)
    {
        *version = Fake.DriverVersion;
        return Fake.Note("cuDriverGetVersion");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGetProcAddress_v2(byte* symbol, nint* address, int version, ulong flags, int* found)
    {
        var name = Marshal.PtrToStringUTF8((nint)symbol)!;
        *address = version == 12000 ? Fake.Export(name) : 0;
        return *address == 0 ? CudaStatus.NotFound : CudaStatus.Success;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGetErrorName(CudaStatus status, byte** text)
    {
        *text = FakeCuda.Word($"NAME_OF_{(int)status}");
        return CudaStatus.Success;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGetErrorString(CudaStatus status, byte** text)
    {
        *text = FakeCuda.Word($"words about {(int)status}");
        return CudaStatus.Success;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuInit(uint flags) => Fake.Note("cuInit", flags);

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceGetCount(int* count)
    {
        *count = Fake.Cards.Count;
        return Fake.Note("cuDeviceGetCount");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceGet(int* device, int ordinal)
    {
        *device = ordinal + 5; // a handle, not the ordinal
        return Fake.Note("cuDeviceGet", ordinal);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceGetName(byte* name, int bytes, int device)
    {
        FakeCuda.Write(Fake.Cards[device - 5].Name, name);
        return Fake.Note("cuDeviceGetName", device);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceTotalMem(nuint* bytes, int device)
    {
        *bytes = 6_000_000;
        return Fake.Note("cuDeviceTotalMem", device);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceGetAttribute(int* value, CudaDeviceAttribute attribute, int device)
    {
        *value = attribute switch
        {
            CudaDeviceAttribute.ComputeMajor => Fake.Cards[device - 5].Major,
            CudaDeviceAttribute.ComputeMinor => Fake.Cards[device - 5].Minor,
            CudaDeviceAttribute.MemoryPools => Fake.HasPools ? 1 : 0,
            CudaDeviceAttribute.MultiprocessorCount => 132,
            CudaDeviceAttribute.ThreadsPerMultiprocessor => 2048,
            CudaDeviceAttribute.SharedPerBlockOptIn => 232448,
            CudaDeviceAttribute.L2CacheSize => 62914560,
            CudaDeviceAttribute.ClockRate => 1980000,
            CudaDeviceAttribute.MemoryClockRate => 3201000,
            CudaDeviceAttribute.MemoryBusWidth => 6144,
            _ => 0,
        };
        return Fake.Note("cuDeviceGetAttribute", (int)attribute, device);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceGetPCIBusId(byte* id, int bytes, int device)
    {
        FakeCuda.Write("0000:1b:00.0", id);
        return Fake.Note("cuDeviceGetPCIBusId", device);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDevicePrimaryCtxRetain(nint* context, int device)
    {
        var status = Fake.Note("cuDevicePrimaryCtxRetain", device);
        if (status == CudaStatus.Success) *context = Fake.Make("context");
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDevicePrimaryCtxRelease(int device)
    {
        Fake.GiveBack(Fake.Live.FirstOrDefault(item => item.Value == "context").Key, "context");
        return Fake.Note("cuDevicePrimaryCtxRelease", device);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuCtxSetCurrent(nint context)
    {
        Fake.Context = context;
        return Fake.Note("cuCtxSetCurrent");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemGetInfo(nuint* free, nuint* total)
    {
        (*free, *total) = (Fake.FreeBytes, 6_000_000);
        return Fake.NoteInContext("cuMemGetInfo");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemAlloc(nint* address, nuint bytes)
    {
        var status = Fake.NoteInContext("cuMemAlloc", bytes);
        if (status == CudaStatus.Success) *address = Fake.Allocate(bytes, "memory");
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemFree(nint address)
    {
        Fake.Free(address, "memory");
        return Fake.NoteInContext("cuMemFree");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemAllocAsync(nint* address, nuint bytes, nint stream)
    {
        var status = Fake.NoteInContext("cuMemAllocAsync", bytes, stream);
        if (status == CudaStatus.Success) *address = Fake.Allocate(bytes, "pooled memory");
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemFreeAsync(nint address, nint stream)
    {
        Fake.Free(address, "pooled memory");
        return Fake.NoteInContext("cuMemFreeAsync", stream);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuDeviceGetDefaultMemPool(nint* pool, int device)
    {
        *pool = 0x99;
        return Fake.Note("cuDeviceGetDefaultMemPool", device);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemPoolSetAttribute(nint pool, CudaPoolAttribute attribute, ulong* value)
    {
        if (attribute == CudaPoolAttribute.ReleaseThreshold) Fake.PoolThreshold = *value;
        return Fake.Note("cuMemPoolSetAttribute", pool, (int)attribute, *value);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemPoolGetAttribute(nint pool, CudaPoolAttribute attribute, ulong* value)
    {
        *value = attribute switch
        {
            CudaPoolAttribute.ReleaseThreshold => Fake.PoolThreshold,
            CudaPoolAttribute.ReservedCurrent => Fake.PoolReserved,
            _ => Fake.PoolUsed,
        };
        return Fake.Note("cuMemPoolGetAttribute", pool, (int)attribute);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemPoolTrimTo(nint pool, nuint keep) => Fake.Note("cuMemPoolTrimTo", pool, keep);

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemHostAlloc(nint* address, nuint bytes, uint flags)
    {
        var status = Fake.NoteInContext("cuMemHostAlloc", bytes, flags);
        if (status == CudaStatus.Success) *address = Fake.Allocate(bytes, "pinned");
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemFreeHost(nint address)
    {
        Fake.Free(address, "pinned");
        return Fake.NoteInContext("cuMemFreeHost");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemcpyHtoDAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Copy("cuMemcpyHtoDAsync", source, destination, bytes, stream);

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemcpyDtoHAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Copy("cuMemcpyDtoHAsync", source, destination, bytes, stream);

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Copy("cuMemcpyDtoDAsync", source, destination, bytes, stream);

    [UnmanagedCallersOnly]
    public static CudaStatus cuMemsetD8Async(nint destination, byte value, nuint bytes, nint stream)
    {
        Fake.Use(stream, "stream");
        new Span<byte>((void*)destination, (int)bytes).Fill(value);
        Fake.CountNode();
        return Fake.NoteInContext("cuMemsetD8Async", value, bytes);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuLinkCreate(uint count, CudaJitOption* names, nint* values, nint* linker)
    {
        ReadOptions(count, names, values);
        *linker = Fake.Make("linker");
        return Fake.NoteInContext("cuLinkCreate", Options(count, names));
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuLinkAddData(
        nint linker, int kind, byte* data, nuint bytes, byte* name, uint count, CudaJitOption* names, nint* values)
    {
        Fake.Use(linker, "linker");
        var isZeroTerminated = data[bytes - 1] == 0;
        Fake.Text = Marshal.PtrToStringUTF8((nint)data)!;
        var isCounted = Encoding.UTF8.GetByteCount(Fake.Text) + 1 == (int)bytes;
        var status = Fake.NoteInContext("cuLinkAddData", kind, isZeroTerminated, isCounted);
        WriteLogs(status);
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuLinkComplete(nint linker, byte** cubin, nuint* bytes)
    {
        Fake.Use(linker, "linker");
        *cubin = FakeCuda.Word($"cubin of {Fake.Text}");
        *bytes = (nuint)Encoding.UTF8.GetByteCount($"cubin of {Fake.Text}");
        var status = Fake.NoteInContext("cuLinkComplete");
        WriteLogs(status);
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuLinkDestroy(nint linker)
    {
        Fake.GiveBack(linker, "linker");
        return Fake.NoteInContext("cuLinkDestroy");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuModuleLoadDataEx(
        nint* module, byte* image, uint count, CudaJitOption* names, nint* values)
    {
        ReadOptions(count, names, values);
        var isRefused = Fake.RefusedImage is { } refused
            && new ReadOnlySpan<byte>(image, refused.Length).SequenceEqual(Encoding.UTF8.GetBytes(refused));
        var status = Fake.NoteInContext("cuModuleLoadDataEx");
        if (isRefused) status = (CudaStatus)209; // CUDA_ERROR_NO_BINARY_FOR_GPU
        if (status == CudaStatus.Success) *module = Fake.Make("module");
        else FakeCuda.Write(Fake.AssemblerErrors, (byte*)Fake.ErrorLog);
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuModuleUnload(nint module)
    {
        Fake.GiveBack(module, "module");
        return Fake.NoteInContext("cuModuleUnload");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuModuleGetFunction(nint* function, nint module, byte* name)
    {
        Fake.Use(module, "module");
        *function = 0x77;
        return Fake.NoteInContext("cuModuleGetFunction", Marshal.PtrToStringUTF8((nint)name)!);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuFuncGetAttribute(int* value, CudaFunctionAttribute attribute, nint function)
    {
        *value = attribute switch
        {
            CudaFunctionAttribute.Registers => 168,
            CudaFunctionAttribute.LocalBytes => 24,
            CudaFunctionAttribute.SharedBytes => 1024,
            _ => -1,
        };
        return Fake.NoteInContext("cuFuncGetAttribute", (int)attribute, function);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuFuncSetAttribute(nint function, CudaFunctionAttribute attribute, int value) =>
        Fake.NoteInContext("cuFuncSetAttribute", function, (int)attribute, value);

    [UnmanagedCallersOnly]
    public static CudaStatus cuOccupancyMaxActiveBlocksPerMultiprocessor(
        int* blocks, nint function, int threads, nuint shared)
    {
        *blocks = 3;
        return Fake.NoteInContext("cuOccupancyMaxActiveBlocksPerMultiprocessor", function, threads, shared);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuLaunchKernelEx(CudaLaunchConfig* config, nint function, nint* parameters, nint* extra)
    {
        if (Fake.IsSilent) return CudaStatus.Success;
        Fake.LaunchConfig = new ReadOnlySpan<byte>(config, 56).ToArray();
        Fake.LaunchAttributes = new ReadOnlySpan<byte>(
            config->Attributes, (int)config->AttributeCount * sizeof(CudaLaunchAttribute)).ToArray();
        Fake.Parameters = null;
        if (extra is not null && (extra[0], extra[2], extra[4]) == (1, 2, 0))
            Fake.Parameters = new ReadOnlySpan<byte>((void*)extra[1], (int)*(nuint*)extra[3]).ToArray();
        Fake.CountNode();
        return Fake.NoteInContext(
            "cuLaunchKernelEx", function, parameters is null ? "no list" : "list",
            extra is null ? "no block" : "block");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuStreamCreate(nint* stream, uint flags)
    {
        *stream = Fake.Make("stream");
        return Fake.NoteInContext("cuStreamCreate", flags);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuStreamSynchronize(nint stream)
    {
        if (stream != 0) Fake.Use(stream, "stream");
        return Fake.NoteInContext("cuStreamSynchronize", stream == 0 ? "legacy" : "own");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuStreamDestroy(nint stream)
    {
        Fake.GiveBack(stream, "stream");
        return Fake.NoteInContext("cuStreamDestroy");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuStreamWaitEvent(nint stream, nint mark, uint flags)
    {
        Fake.Use(stream, "stream");
        Fake.Use(mark, "event");
        return Fake.NoteInContext("cuStreamWaitEvent", flags);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuStreamBeginCapture(nint stream, int mode)
    {
        Fake.Use(stream, "stream");
        Fake.CapturedNodes = 0;
        return Fake.NoteInContext("cuStreamBeginCapture", mode);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuStreamEndCapture(nint stream, nint* graph)
    {
        Fake.Use(stream, "stream");
        Fake.TemplateNodes = Fake.CapturedNodes ?? 0;
        Fake.CapturedNodes = null;
        var status = Fake.NoteInContext("cuStreamEndCapture");
        *graph = status == CudaStatus.Success ? Fake.Make("graph") : 0;
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGraphGetNodes(nint graph, nint* nodes, nuint* count)
    {
        Fake.Use(graph, "graph");
        *count = (nuint)Fake.TemplateNodes;
        return Fake.NoteInContext("cuGraphGetNodes");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags)
    {
        Fake.Use(graph, "graph");
        var status = Fake.NoteInContext("cuGraphInstantiateWithFlags", flags);
        if (status == CudaStatus.Success) *executable = Fake.Make("executable");
        return status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGraphUpload(nint executable, nint stream)
    {
        Fake.Use(executable, "executable");
        Fake.Use(stream, "stream");
        return Fake.NoteInContext("cuGraphUpload");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGraphLaunch(nint executable, nint stream)
    {
        Fake.Use(executable, "executable");
        Fake.Use(stream, "stream");
        return Fake.NoteInContext("cuGraphLaunch");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGraphDestroy(nint graph)
    {
        Fake.GiveBack(graph, "graph");
        return Fake.NoteInContext("cuGraphDestroy");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuGraphExecDestroy(nint executable)
    {
        Fake.GiveBack(executable, "executable");
        return Fake.NoteInContext("cuGraphExecDestroy");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuEventCreate(nint* mark, uint flags)
    {
        *mark = Fake.Make("event");
        return Fake.NoteInContext("cuEventCreate", flags);
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuEventRecord(nint mark, nint stream)
    {
        Fake.Use(mark, "event");
        Fake.Use(stream, "stream");
        return Fake.NoteInContext("cuEventRecord");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuEventQuery(nint mark)
    {
        Fake.Use(mark, "event");
        var status = Fake.NoteInContext("cuEventQuery");
        return status == CudaStatus.Success && !Fake.EventsDone ? CudaStatus.NotReady : status;
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuEventSynchronize(nint mark)
    {
        Fake.Use(mark, "event");
        return Fake.NoteInContext("cuEventSynchronize");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuEventElapsedTime(float* milliseconds, nint start, nint end)
    {
        Fake.Use(start, "event");
        Fake.Use(end, "event");
        *milliseconds = end > start ? 1.5f : -1.5f;
        return Fake.NoteInContext("cuEventElapsedTime");
    }

    [UnmanagedCallersOnly]
    public static CudaStatus cuEventDestroy(nint mark)
    {
        Fake.GiveBack(mark, "event");
        return Fake.NoteInContext("cuEventDestroy");
    }

    private static CudaStatus Copy(string name, nint source, nint destination, nuint bytes, nint stream)
    {
        Fake.Use(stream, "stream");
        Buffer.MemoryCopy((void*)source, (void*)destination, bytes, bytes);
        Fake.CountNode();
        return Fake.NoteInContext(name, bytes);
    }

    private static string Options(uint count, CudaJitOption* names) =>
        string.Join(',', new ReadOnlySpan<CudaJitOption>(names, (int)count).ToArray().Select(name => (int)name));

    private static void ReadOptions(uint count, CudaJitOption* names, nint* values)
    {
        for (var i = 0; i < count; i++)
        {
            if (names[i] == CudaJitOption.InfoLog) Fake.InfoLog = values[i];
            if (names[i] == CudaJitOption.ErrorLog) Fake.ErrorLog = values[i];
        }
    }

    private static void WriteLogs(CudaStatus status)
    {
        FakeCuda.Write(Fake.AssemblerLog, (byte*)Fake.InfoLog);
        if (status != CudaStatus.Success) FakeCuda.Write(Fake.AssemblerErrors, (byte*)Fake.ErrorLog);
    }
}
