using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Ties <see cref="CausalAttention"/> to its GPU kernels: the cache grows first, then it is attended to; in decode
/// steps one kernel does both.
/// </summary>
internal static class GpuCausalAttention
{
    public static BoundKernel Bind(
        GpuKernels kernels, CausalAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var (k, v, cacheK, cacheV, past) = (inputs[1], inputs[2], inputs[3], inputs[4], inputs[5]);
        if (cacheK.DType != k.DType)
            throw new NotSupportedException(
                $"gpu: {op.Name} has no kernel for {k.DType.ShortName()} with a cache in {cacheK.DType.ShortName()}.");
        var frequencies = op.RotaryDims > 0 ? GpuRotary.Frequencies(kernels, op.RotaryDims, op.RotaryBase) : 0;
        var isDecode = AttentionCall.CanDecode(output.Shape[1], op.Heads / op.KeyHeadCount, op.HeadDim);
        var keys = new CausalKeys(op.Alibi, op.RotaryDims, Appends: isDecode);
        var attend = GpuAttention.Bind(kernels, new AttentionCall
        {
            Queries = inputs[0],
            Output = output,
            KeysAndValues = isDecode ? [cacheK, cacheV, k, v] : [cacheK, cacheV],
            Heads = op.Heads,
            KeyHeads = op.KeyHeadCount,
            HeadDim = op.HeadDim,
            RotaryDims = op.RotaryDims,
            Scale = op.Scale,
            Keys = keys,
            KeyArguments = keys.Arguments(cacheK, cacheV, past, op.Alibi ? inputs[6] : null, frequencies, k, v),
            KeyCount = cacheK.Shape[1],
        });
        if (isDecode) return attend;

        var width = checked((int)k.Columns);
        var variant = new CacheAppend(
            k.DType, op.HeadDim, op.RotaryDims, FloatVectors.WidthFor(width, k, v, cacheK, cacheV));
        KernelArgument[] turn = op.RotaryDims > 0 ? [frequencies] : [];
        var append = kernels.Launch(
            variant, LaunchSizes.Of(("tokens", k.Shape[1]), ("batch", k.Shape[0]), ("width", width)),
            [
                past, cacheK.Shape.Int(1), width, .. turn,
                k, k.RowPitch, cacheK, cacheK.RowPitch, v, v.RowPitch, cacheV, cacheV.RowPitch,
            ]);
        return new GpuSequence($"{append.Variant}+{attend.Variant}", [append, .. attend.Launches]);
    }
}
