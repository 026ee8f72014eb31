namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="LatentAttention"/> to the attention kernels.</summary>
internal static class GpuLatentAttention
{
    public static BoundKernel Bind(
        GpuKernels kernels, LatentAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output) =>
        GpuAttention.Bind(kernels, new AttentionCall
        {
            Queries = inputs[0],
            Output = output,
            KeysAndValues = [inputs[1], inputs[2], inputs[3], inputs[4]],
            Heads = op.Heads,
            KeyHeads = op.Heads,
            HeadDim = op.HeadDim,
            Scale = op.Scale,
            Keys = new LatentKeys(),
            KeyArguments = LatentKeys.Arguments(inputs[1], inputs[2], inputs[3], inputs[4]),
            KeyCount = inputs[1].Shape[1] + inputs[3].Shape[1],
        });
}
