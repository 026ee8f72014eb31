using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The GPU's implementation of every op contract, the same on the NVIDIA driver and on the virtual GPU. Kernels are
/// built and loaded when the first op needs them and kept by name. Not safe for concurrent use.
/// </summary>
/// <param name="device">The device; must outlive the library and its kernels.</param>
public sealed class GpuKernels(GpuDevice device) : IKernelLibrary
{
    private readonly Dictionary<string, PtxKernel> _kernels = new(StringComparer.Ordinal);

    /// <summary>Kernels built so far, by name.</summary>
    public IReadOnlyDictionary<string, PtxKernel> Built => _kernels;

    /// <summary>The device.</summary>
    internal GpuDevice Device => device;

    /// <inheritdoc/>
    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        ArgumentNullException.ThrowIfNull(op);
        Operands.Check("gpu", op, inputs, output);
        if (output.Shape.ElementCount == 0) return new GpuSequence("empty");
        return op switch
        {
            LayerNorm norm => GpuLayerNorm.Bind(this, norm, inputs, output),
            MatMul matMul => GpuMatMul.Bind(this, matMul, inputs, output),
            _ => throw new NotSupportedException($"gpu: there is no kernel for {op.Name}."),
        };
    }

    /// <summary>A launch of a kernel variant; the variant is built and loaded on first use.</summary>
    /// <param name="variant">The kernel.</param>
    /// <param name="sizes">Sizes the kernel's facts ask for: grid, work and bytes follow from them.</param>
    /// <param name="arguments">One for each parameter, in order.</param>
    internal GpuLaunch Launch(IKernelVariant variant, LaunchSizes sizes, params ReadOnlySpan<KernelArgument> arguments)
    {
        if (!_kernels.TryGetValue(variant.Name, out var kernel))
        {
            kernel = variant.Build();
            _kernels.Add(kernel.Name, kernel);
        }

        return new GpuLaunch(device, kernel, sizes, arguments);
    }
}
