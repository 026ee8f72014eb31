using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>A kernel of a loaded module.</summary>
internal sealed unsafe class CudaFunction : IGpuFunction
{
    private readonly CudaContext _context;
    private readonly int _sharedLimit;

    /// <summary>Asks for the figures of the assembled code.</summary>
    public CudaFunction(CudaContext context, nint handle, string name, int sharedLimit)
    {
        _context = context;
        _sharedLimit = sharedLimit;
        Handle = handle;
        Name = name;
        RegistersPerThread = Attribute(CudaFunctionAttribute.Registers);
        LocalBytesPerThread = Attribute(CudaFunctionAttribute.LocalBytes);
        StaticSharedBytes = Attribute(CudaFunctionAttribute.SharedBytes);
    }

    /// <summary><c>CUfunction</c>.</summary>
    public nint Handle { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int RegistersPerThread { get; }

    /// <inheritdoc/>
    public int LocalBytesPerThread { get; }

    /// <inheritdoc/>
    public int StaticSharedBytes { get; }

    /// <inheritdoc/>
    public void AllowDynamicShared(int byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        if (byteLength + StaticSharedBytes > _sharedLimit)
            throw new DeviceException(
                $"cuda: {Name} needs {byteLength + StaticSharedBytes:N0} bytes of shared memory a block, the device "
                + $"has {_sharedLimit:N0}. Choose a variant with smaller tiles.");
        var api = _context.Enter();
        var status = api.FuncSetAttribute(Handle, CudaFunctionAttribute.MaxDynamicShared, byteLength);
        api.Check(status, "cuFuncSetAttribute");
    }

    /// <inheritdoc/>
    public int BlocksPerMultiprocessor(int threads, int dynamicSharedBytes)
    {
        var api = _context.Enter();
        int blocks;
        api.Check(
            api.OccupancyMaxActiveBlocksPerMultiprocessor(&blocks, Handle, threads, (nuint)dynamicSharedBytes),
            "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        return blocks;
    }

    private int Attribute(CudaFunctionAttribute attribute)
    {
        var api = _context.Enter();
        int value;
        api.Check(api.FuncGetAttribute(&value, attribute, Handle), "cuFuncGetAttribute");
        return value;
    }
}
