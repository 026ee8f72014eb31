using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>What all attention kernels promise about their launches.</summary>
internal static class AttentionFacts
{
    /// <summary>
    /// Facts of a kernel whose blocks take some queries of a head. Sizes: batch, heads, queries, keys (of a query; of a
    /// cache and of media, whose use is data, all there is room for) and kv, the elements of all keys and values.
    /// </summary>
    public static KernelFacts Of(DType input, DType output, int headDim, int queriesPerBlock) => new()
    {
        Purpose = "o = softmax(q · kᵀ · scale) · v",
        Grid = size => new GridShape(GridShape.Cover(size["queries"], queriesPerBlock), size["heads"], size["batch"]),
        Flops = size => 4 * Elements(size, headDim) * size["keys"],
        Bytes = size => input.ByteSize(Elements(size, headDim) + size["kv"]) + output.ByteSize(Elements(size, headDim)),
    };

    private static long Elements(LaunchSizes size, int headDim) =>
        size["batch"] * size["heads"] * size["queries"] * headDim;
}
