using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Kernels;

/// <summary>Ties attention ops to their GPU kernels.</summary>
internal static class GpuAttention
{
    private const int MaxSplits = 128;

    public static BoundKernel Bind(
        GpuKernels kernels, Attention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output) =>
        Bind(kernels, new AttentionCall
        {
            Queries = inputs[0],
            Output = output,
            KeysAndValues = [inputs[1], inputs[2]],
            Heads = op.Heads,
            KeyHeads = op.Heads,
            HeadDim = op.HeadDim,
            Scale = op.Scale,
            Keys = new FullKeys(),
            KeyArguments = FullKeys.Arguments(inputs[1], inputs[2]),
            KeyCount = inputs[1].Shape[1],
        });

    /// <summary>Chooses the kernel for an attention of any kind.</summary>
    public static BoundKernel Bind(GpuKernels kernels, AttentionCall call)
    {
        if (call.HeadDim > AttentionFma.MaxHeadDim)
            throw new NotSupportedException(
                $"gpu: attention takes heads of at most {AttentionFma.MaxHeadDim}, not {call.HeadDim}.");
        if (call.IsDecode) return BindDecode(kernels, call);
        var q = call.Queries;
        return kernels.Launch(
            Choose(kernels, call), call.Sizes(1), [q, q.RowPitch, q.Shape.Int(1), call.Factor, call.Output, .. call.KeyArguments]);
    }

    private static IKernelVariant Choose(GpuKernels kernels, AttentionCall call)
    {
        var (q, y) = (call.Queries, call.Output);
        if (!call.FitsTensorCores)
            return new AttentionFma(q.DType, y.DType, call.HeadDim, call.Group, call.Keys, call.IsAligned(4));
        var multiprocessors = kernels.Device.Properties.Multiprocessors;
        var variant = new AttentionVariant(q.DType, y.DType, call.HeadDim, call.Group, call.Keys);
        if (kernels.UsesWarpgroups && WarpgroupAttentionTile.For(call, multiprocessors) is { } tile)
            return new AttentionWarpgroup(variant, tile);
        return new AttentionTensorCore(variant, AttentionTile.For(call, multiprocessors));
    }

    private static BoundKernel BindDecode(GpuKernels kernels, AttentionCall call)
    {
        var (q, y) = (call.Queries, call.Output);
        var variant = new AttentionDecode(
            q.DType, y.DType, call.HeadDim, call.Group, call.Keys,
            FloatVectors.WidthFor(call.HeadDim, [q, .. call.KeysAndValues]), IsSplit: true);
        var splits = Splits(kernels.Device, call, variant.KeysPerRound);
        if (splits == 1)
            return kernels.Launch(
                variant with { IsSplit = false }, call.Sizes(1), [q, q.RowPitch, call.Factor, y, .. call.KeyArguments]);

        var rows = q.Shape[0] * call.Heads;
        var parts = kernels.Device.Scratch;
        var statistics = parts + checked((nint)(rows * splits * call.HeadDim * sizeof(float) + 7) / 8 * 8);
        var sizes = call.Sizes(splits);
        return new GpuSequence(
            variant.Name,
            kernels.Launch(variant, sizes, [q, q.RowPitch, call.Factor, parts, statistics, .. call.KeyArguments]),
            kernels.Launch(new AttentionCombine(y.DType, call.HeadDim), sizes, parts, statistics, y, splits));
    }

    /// <summary>
    /// Enough splits that four blocks lie on every multiprocessor; at full context each has a round of keys, and so
    /// many that its parts, written and read in f32, are about a thirtieth of its keys and values.
    /// </summary>
    private static int Splits(GpuDevice device, AttentionCall call, int keysPerRound)
    {
        var blocks = call.Queries.Shape[0] * call.KeyHeads;
        var wanted = (4L * device.Properties.Multiprocessors + blocks - 1) / blocks;
        var least = Math.Max(keysPerRound, 128L * call.Group / call.Queries.DType.ByteSize(1));
        var useful = (call.KeyCount + least - 1) / least;
        var room = GpuDevice.ScratchBytes / (call.Queries.Shape[0] * call.Heads * (call.HeadDim + 4L) * sizeof(float));
        return (int)Math.Clamp(Math.Min(Math.Min(wanted, useful), room), 1, MaxSplits);
    }
}
