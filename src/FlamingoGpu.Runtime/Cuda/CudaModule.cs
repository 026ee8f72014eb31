using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>A loaded cubin.</summary>
internal sealed unsafe class CudaModule : IGpuModule
{
    private readonly CudaContext _context;
    private readonly int _sharedLimit;
    private readonly Dictionary<string, CudaFunction> _functions = [];
    private nint _handle;

    private CudaModule(CudaContext context, nint handle, string log, int sharedLimit)
    {
        _context = context;
        _handle = handle;
        Log = log;
        _sharedLimit = sharedLimit;
    }

    /// <inheritdoc/>
    public string Log { get; }

    /// <summary>Loads a text, assembled now or earlier.</summary>
    /// <param name="context">The card.</param>
    /// <param name="properties">What it is and what it can hold.</param>
    /// <param name="cache">Asked first, and told.</param>
    /// <param name="ptx">The text.</param>
    /// <exception cref="DeviceException">The driver refuses the text.</exception>
    public static CudaModule Load(CudaContext context, GpuProperties properties, KernelCache cache, string ptx)
    {
        var key = KernelCache.Key(
            ptx, properties.DriverVersion, properties.ComputeMajor, properties.ComputeMinor, CudaAssembler.Options);
        nint handle;
        if (cache.TryRead(key) is { } kept && TryLoad(context, kept, &handle, out _) == CudaStatus.Success)
            return new CudaModule(context, handle, kept.Log, properties.SharedBytesPerBlock);

        var cubin = CudaAssembler.Assemble(context, ptx);
        var status = TryLoad(context, cubin, &handle, out var errors);
        if (status != CudaStatus.Success)
            throw CudaErrors.Failed(context.Enter(), status, "cuModuleLoadDataEx", $"The loader says: {errors}");
        cache.Write(key, cubin);
        return new CudaModule(context, handle, cubin.Log, properties.SharedBytesPerBlock);
    }

    /// <inheritdoc/>
    public IGpuFunction Function(string name)
    {
        if (_functions.TryGetValue(name, out var known)) return known;
        var api = _context.Enter();
        nint handle;
        CudaStatus status;
        fixed (byte* symbol = Encoding.UTF8.GetBytes(name + '\0'))
            status = api.ModuleGetFunction(&handle, _handle, symbol);
        if (status == CudaStatus.NotFound) throw new DeviceException($"cuda: the module has no kernel '{name}'.");
        api.Check(status, "cuModuleGetFunction");
        return _functions[name] = new CudaFunction(_context, handle, name, _sharedLimit);
    }

    /// <summary>Unloads; never throws.</summary>
    public void Dispose()
    {
        if (_handle != 0 && _context.IsOpen) _ = _context.Enter().ModuleUnload(_handle);
        _handle = 0;
    }

    private static CudaStatus TryLoad(CudaContext context, Cubin cubin, nint* handle, out string errors)
    {
        using var options = new CudaJitOptions();
        fixed (byte* image = cubin.Image)
        {
            var status =
                context.Enter().ModuleLoadDataEx(handle, image, options.Count, options.Names, options.Values);
            errors = options.Errors;
            return status;
        }
    }
}
