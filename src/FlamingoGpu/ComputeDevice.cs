using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu;

/// <summary>A device and its kernels.</summary>
public sealed class ComputeDevice : IDisposable
{
    /// <summary>Devices this project knows, and for those that cannot be opened here the reason; null means usable.</summary>
    public static IReadOnlyList<(string Name, string? Missing)> Known { get; } =
    [
        ("cpu", null),
        ("cuda", "not in this build yet"),
        ("virtual", "not in this build yet"),
    ];

    private ComputeDevice(IDevice device, IKernelLibrary kernels) => (Device, Kernels) = (device, kernels);

    /// <summary>Memory and identity.</summary>
    public IDevice Device { get; }

    /// <summary>Implementations of the ops.</summary>
    public IKernelLibrary Kernels { get; }

    /// <summary>Opens a device.</summary>
    /// <param name="name">As on the command line: <c>cpu</c>.</param>
    /// <param name="threads">Threads of the cpu device, null for all cores.</param>
    /// <param name="copyWeights">The cpu device copies large weights into huge pages instead of using them where the file
    /// is mapped.</param>
    /// <exception cref="DeviceException">There is no such device in this build or machine.</exception>
    public static ComputeDevice Open(string name, int? threads = null, bool copyWeights = false)
    {
        if (name != "cpu")
            throw new DeviceException($"no device '{name}': this build has 'cpu'; the CUDA and virtual devices are not there yet.");
        var cpu = new CpuDevice(threads, copyWeights);
        return new ComputeDevice(cpu, new CpuKernels(cpu));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (Kernels as IDisposable)?.Dispose();
        Device.Dispose();
    }
}
