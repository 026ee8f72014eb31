using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// A kernel on its way into the device. Where the driver allows it, another thread assembles the text meanwhile; who
/// needs the function waits. Not safe for concurrent use.
/// </summary>
public sealed class GpuKernelLoad
{
    private readonly Task<(IGpuModule Module, IGpuFunction Function)>? _loading;
    private IGpuModule? _module;
    private IGpuFunction? _function;
    private int _dynamicSharedBytes;

    /// <summary>Loads at once.</summary>
    internal GpuKernelLoad(IGpuDriver driver, string name, string ptx, int dynamicSharedBytes)
    {
        _dynamicSharedBytes = dynamicSharedBytes;
        (_module, _function) = Load(driver, name, ptx, dynamicSharedBytes);
    }

    /// <summary>Lets a scheduler load.</summary>
    internal GpuKernelLoad(
        IGpuDriver driver, string name, string ptx, int dynamicSharedBytes, TaskScheduler scheduler)
    {
        _dynamicSharedBytes = dynamicSharedBytes;
        _loading = Task.Factory.StartNew(
            () => Load(driver, name, ptx, dynamicSharedBytes), CancellationToken.None,
            TaskCreationOptions.DenyChildAttach, scheduler);
    }

    /// <summary>The kernel, as soon as it is loaded.</summary>
    /// <exception cref="DeviceException">The driver refuses the text.</exception>
    public IGpuFunction Function => _function ?? Wait();

    /// <summary>Lets the kernel be launched with more dynamic shared memory than it was loaded for.</summary>
    internal void Allow(int dynamicSharedBytes)
    {
        if (dynamicSharedBytes <= _dynamicSharedBytes) return;
        Function.AllowDynamicShared(dynamicSharedBytes);
        _dynamicSharedBytes = dynamicSharedBytes;
    }

    /// <summary>Waits, and unloads what was loaded. Throws nothing of what went wrong before.</summary>
    internal void Unload()
    {
        try
        {
            _ = Function;
        }
        catch (DeviceException)
        {
            // There is nothing to unload.
        }

        _module?.Dispose();
    }

    private IGpuFunction Wait()
    {
        (_module, _function) = _loading!.GetAwaiter().GetResult();
        return _function;
    }

    private static (IGpuModule Module, IGpuFunction Function) Load(
        IGpuDriver driver, string name, string ptx, int dynamicSharedBytes)
    {
        var module = driver.Load(ptx);
        try
        {
            var function = module.Function(name);
            if (dynamicSharedBytes > 0) function.AllowDynamicShared(dynamicSharedBytes);
            return (module, function);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }
}
