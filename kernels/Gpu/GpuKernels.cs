using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The GPU's implementation of every op contract, the same on the NVIDIA driver and on the virtual GPU. Kernels are
/// built and loaded when the first op needs them, and kept. Not safe for concurrent use.
/// </summary>
/// <param name="device">The device; must outlive the library and its kernels.</param>
public sealed class GpuKernels(GpuDevice device) : IKernelLibrary
{
    private readonly Dictionary<IKernelVariant, PtxKernel> _kernels = [];

    /// <summary>Kernels built so far, by name.</summary>
    public IReadOnlyDictionary<string, PtxKernel> Built =>
        _kernels.Values.DistinctBy(kernel => kernel.Name).ToDictionary(kernel => kernel.Name, StringComparer.Ordinal);

    /// <summary>
    /// Whether matrix instructions of warpgroups are used where the device has them; off, its kernels are those of compute
    /// capability 8.0.
    /// </summary>
    public bool UsesWarpgroups { get; init; } = device.Properties.HasWarpgroups;

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
            Activate activate => GpuActivate.Bind(this, activate, inputs[0], output),
            AddRows add => GpuAddRows.Bind(this, add, inputs[0], inputs[1], output),
            AdvanceDecode => AdvanceDecodeKernel.Bind(this, inputs, output),
            ArgMax => GpuArgMax.Bind(this, inputs[0], output),
            AssembleTokens => GpuAssembleTokens.Bind(this, inputs, output),
            Attention attention => GpuAttention.Bind(this, attention, inputs, output),
            BeamScores => BeamScoresKernel.Bind(this, inputs[0], inputs[1], inputs[2], output),
            CausalAttention attention => GpuCausalAttention.Bind(this, attention, inputs, output),
            Embedding => GatherRowsKernel.Bind(this, inputs[1], inputs[0], output),
            ExtractPatches patches => GpuExtractPatches.Bind(this, patches, inputs[0], output),
            LatentAttention attention => GpuLatentAttention.Bind(this, attention, inputs, output),
            LayerNorm norm => GpuLayerNorm.Bind(this, norm, inputs, output),
            LogSoftmax => GpuLogSoftmax.Bind(this, inputs[0], output),
            MatMul matMul => GpuMatMul.Bind(this, matMul, inputs, output),
            MediaCrossAttention attention => GpuMediaCrossAttention.Bind(this, attention, inputs, output),
            NormedMatMul pair => GpuMatMul.Bind(this, pair, inputs, output),
            PickElements => PickElementsKernel.Bind(this, inputs[0], inputs[1], output),
            ProcessLogits process => GpuProcessLogits.Bind(this, process, inputs, output),
            ReorderRows reorder => ReorderRowsKernel.Bind(this, reorder, inputs, output),
            RepeatRows => CopyRunsKernel.Bind(this, inputs[0], output, inputs[0].Rows, stride: 0, first: 0),
            RmsNorm norm => GpuRmsNorm.Bind(this, norm, inputs[0], inputs[1], output),
            Rotary rotary => GpuRotary.Bind(this, rotary, inputs[0], inputs[1], output),
            SampleToken sample => GpuSampleToken.Bind(this, sample, inputs[0], inputs[1], output),
            SelectRows => GatherRowsKernel.Bind(this, inputs[0], inputs[1], output),
            SliceTokens slice =>
                CopyRunsKernel.Bind(this, inputs[0], output, slice.Count, inputs[0].Shape[1], slice.Start),
            TopK top => GpuTopK.Bind(this, top, inputs[0], output),
            _ => throw new NotSupportedException($"gpu: there is no kernel for {op.Name}."),
        };
    }

    /// <inheritdoc/>
    public bool Fuses(NormedMatMul op, ReadOnlySpan<BoundTensor> inputs) => GpuMatMul.Fuses(op, inputs);

    /// <summary>A launch of a kernel variant; the variant is built and loaded on first use.</summary>
    /// <param name="variant">The kernel.</param>
    /// <param name="sizes">Sizes the kernel's facts ask for: grid, work and bytes follow from them.</param>
    /// <param name="arguments">One for each parameter, in order.</param>
    internal GpuLaunch Launch(IKernelVariant variant, LaunchSizes sizes, params ReadOnlySpan<KernelArgument> arguments)
    {
        if (!_kernels.TryGetValue(variant, out var kernel))
        {
            kernel = variant.Build();
            _kernels.Add(variant, kernel);
        }

        return new GpuLaunch(device, kernel, sizes, arguments);
    }
}
