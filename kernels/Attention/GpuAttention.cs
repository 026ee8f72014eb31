namespace FlamingoGpu.Kernels;

/// <summary>Ties attention ops to their GPU kernels.</summary>
internal static class GpuAttention
{
    public static BoundKernel Bind(GpuKernels kernels, Attention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output) =>
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
            throw new NotSupportedException($"gpu: attention takes heads of at most {AttentionFma.MaxHeadDim}, not {call.HeadDim}.");
        var (q, y) = (call.Queries, call.Output);
        IKernelVariant variant = call.FitsTensorCores
            ? new AttentionTensorCore(q.DType, y.DType, call.HeadDim, call.Group, call.Keys, AttentionTile.For(call, kernels.Device.Properties.Multiprocessors))
            : new AttentionFma(q.DType, y.DType, call.HeadDim, call.Group, call.Keys, call.IsAligned(4));
        return kernels.Launch(
            variant, call.Sizes, [q, q.RowPitch, q.Shape.Int(1), call.Factor, y, .. call.KeyArguments]);
    }
}
