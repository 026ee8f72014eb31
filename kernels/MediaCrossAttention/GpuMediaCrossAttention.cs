namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="MediaCrossAttention"/> to the attention kernels.</summary>
internal static class GpuMediaCrossAttention
{
    public static BoundKernel Bind(
        GpuKernels kernels, MediaCrossAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var (k, v) = (inputs[1], inputs[2]);
        if (k.Rows > int.MaxValue)
            throw new NotSupportedException($"gpu: {op.Name} takes fewer than 2^31 latents, not {k.Rows}.");
        return GpuAttention.Bind(kernels, new AttentionCall
        {
            Queries = inputs[0],
            Output = output,
            KeysAndValues = [k, v],
            Heads = op.Heads,
            KeyHeads = op.Heads,
            HeadDim = op.HeadDim,
            Scale = op.Scale,
            Keys = new MediaKeys(),
            KeyArguments = MediaKeys.Arguments(k, v, inputs[3]),
            KeyCount = k.Shape[1],
        });
    }
}
