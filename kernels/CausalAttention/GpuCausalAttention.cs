using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="CausalAttention"/> to its GPU kernels: the cache grows first, then it is attended to.</summary>
internal static class GpuCausalAttention
{
    public static BoundKernel Bind(
        GpuKernels kernels, CausalAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var (cacheK, cacheV, past) = (inputs[3], inputs[4], inputs[5]);
        var append = Append(kernels, inputs);
        var attend = GpuAttention.Bind(kernels, new AttentionCall
        {
            Queries = inputs[0],
            Output = output,
            KeysAndValues = [cacheK, cacheV],
            Heads = op.Heads,
            KeyHeads = op.Heads,
            HeadDim = op.HeadDim,
            Scale = op.Scale,
            Keys = new CausalKeys(op.Alibi),
            KeyArguments = CausalKeys.Arguments(cacheK, cacheV, past, op.Alibi ? inputs[6] : null),
            KeyCount = cacheK.Shape[1],
        });
        return new GpuSequence($"{append.Variant}+{attend.Variant}", [append, .. attend.Launches]);
    }

    private static GpuLaunch Append(GpuKernels kernels, ReadOnlySpan<BoundTensor> inputs)
    {
        var (k, v, cacheK, cacheV, past) = (inputs[1], inputs[2], inputs[3], inputs[4], inputs[5]);
        var width = checked((int)k.Columns);
        var sizes = LaunchSizes.Of(("tokens", k.Shape[1]), ("batch", k.Shape[0]), ("width", width));
        return kernels.Launch(
            new CacheAppend(k.DType, FloatVectors.WidthFor(width, k, v, cacheK, cacheV)), sizes,
            past, cacheK.Shape.Int(1), width, k, k.RowPitch, cacheK, cacheK.RowPitch, v, v.RowPitch, cacheV, cacheV.RowPitch);
    }
}
