using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;
using FlamingoGpu.Runtime.Cuda;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu;

/// <summary>A device, its kernels, and how activations are stored on it.</summary>
public sealed class ComputeDevice : IDisposable
{
    private ComputeDevice(IDevice device, IKernelLibrary kernels, DType activations, DType kvCache) =>
        (Device, Kernels, Activations, KvCache) = (device, kernels, activations, kvCache);

    /// <summary>Devices this project knows, and for those that cannot be opened here the reason; null means usable.</summary>
    public static IReadOnlyList<(string Name, string? Missing)> Known =>
    [
        ("cpu", null),
        ("cuda", CudaDevices.Survey().Missing),
        ("virtual", null),
    ];

    /// <summary>Memory and identity.</summary>
    public IDevice Device { get; }

    /// <summary>Implementations of the ops.</summary>
    public IKernelLibrary Kernels { get; }

    /// <summary>
    /// Type of activations between the ops of a block, keys and values of media among them: f32, or f16 or bf16 on a GPU,
    /// where matrices of that type are then multiplied by the tensor cores.
    /// </summary>
    public DType Activations { get; }

    /// <summary>
    /// Type of the key-value cache of the text, all of which every new token reads: that of the activations, or, on the
    /// cpu, any of f32, f16 and bf16.
    /// </summary>
    public DType KvCache { get; }

    /// <summary>Memory of the device, in bytes, whoever uses it.</summary>
    public long TotalBytes => Device is GpuDevice gpu && gpu.Name != "virtual" ? gpu.Properties.MemoryBytes : MachineMemory.TotalBytes;

    /// <summary>Bytes the kernels keep for themselves beside weights and requests.</summary>
    public long WorkspaceBytes => Device is GpuDevice ? GpuDevice.ScratchBytes : 0;

    /// <summary>Opens a device.</summary>
    /// <param name="name">As on the command line: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>virtual</c>, which is
    /// of compute capability 9.0, or <c>virtual:sm_80</c>.</param>
    /// <param name="threads">Threads of the cpu device, null for all cores.</param>
    /// <param name="copyWeights">The cpu device copies large weights into huge pages instead of using them where the file
    /// is mapped.</param>
    /// <param name="activations">See <see cref="Activations"/>.</param>
    /// <param name="kvCache">See <see cref="KvCache"/>; null for the type of the activations.</param>
    /// <exception cref="DeviceException">There is no such device in this build or machine.</exception>
    /// <exception cref="InvalidRequestException">The device does not store activations or the cache in that
    /// type.</exception>
    public static ComputeDevice Open(
        string name, int? threads = null, bool copyWeights = false, DType activations = DType.F32,
        DType? kvCache = null)
    {
        var cacheType = kvCache ?? activations;
        RequireTypes(name, activations, cacheType);
        switch (name)
        {
            case "cpu":
                var cpu = new CpuDevice(threads, copyWeights);
                return new ComputeDevice(cpu, new CpuKernels(cpu), activations, cacheType);
            case "cuda" or ['c', 'u', 'd', 'a', ':', ..]:
                return Open(CudaDriver.Open(Ordinal(name)), activations);
            case "virtual" or "virtual:sm_80":
                var options = new VirtualDeviceOptions
                {
                    MemoryByteLength = MachineMemory.TotalBytes,
                    Workers = Environment.ProcessorCount,
                    ComputeMajor = name == "virtual" ? 9 : 8,
                };
                return Open(new VirtualDriver(options), activations);
            default:
                throw new DeviceException($"no device '{name}'; use cpu, cuda, cuda:N, virtual or virtual:sm_80.");
        }
    }

    /// <summary>Opens the GPU behind a driver, which is taken over.</summary>
    public static ComputeDevice Open(IGpuDriver driver, DType activations)
    {
        var gpu = new GpuDevice(driver);
        return new ComputeDevice(gpu, new GpuKernels(gpu), activations, kvCache: activations);
    }

    /// <summary>The same device with other kernels in front; borrows the device.</summary>
    public ComputeDevice With(IKernelLibrary kernels) => new(Device, kernels, Activations, KvCache);

    /// <summary>Throws where a device does not store activations or the cache in such a type.</summary>
    /// <exception cref="InvalidRequestException">It does not; says what to use.</exception>
    internal static void RequireTypes(string name, DType activations, DType kvCache)
    {
        if (!activations.IsWeightFloat() || (name == "cpu" && activations != DType.F32))
            throw new InvalidRequestException(
                $"activations in {activations.ShortName()} are not possible on '{name}'; use "
                + $"f32{(name == "cpu" ? "" : ", f16 or bf16")}.");
        if (!kvCache.IsWeightFloat() || (name != "cpu" && kvCache != activations))
            throw new InvalidRequestException(
                $"a kv cache in {kvCache.ShortName()} is not possible on '{name}'; use "
                + $"{(name == "cpu" ? "f32, f16 or bf16" : $"{activations.ShortName()}, the type of the activations")}.");
    }

    /// <summary>Number of the card that a name such as <c>cuda:1</c> means.</summary>
    internal static int Ordinal(string name)
    {
        if (name == "cuda") return 0;
        var digits = name.AsSpan("cuda:".Length);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? ordinal
            : throw new DeviceException($"no device '{name}'; cuda:N takes the number of a card, such as cuda:0.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (Kernels as IDisposable)?.Dispose();
        Device.Dispose();
    }
}
