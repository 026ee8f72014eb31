using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The resampler's attention in all types.</summary>
public sealed class GpuLatentAttention : LatentAttentionConformance<FourSchedules>
{
    [Theory]
    [InlineData(1, 64, 257, 1, 64, DType.BF16, DType.BF16)]
    [InlineData(2, 70, 100, 1, 96, DType.F16, DType.F32)]
    [InlineData(1, 5, 300, 2, 16, DType.BF16, DType.F32)]
    [InlineData(1, 65, 0, 1, 32, DType.BF16, DType.F16)]
    public void LatentAttention_Narrow_RunsOnTensorCores(
        int batch, int latents, int features, int heads, int dim, DType input, DType output) =>
        Assert.StartsWith("attention_mma_", Check(batch, latents, features, heads, dim, 8, input, output), StringComparison.Ordinal);

    [Fact]
    public void LatentAttention_NarrowAtAnyHeadDim_SeesMediaThenLatents() =>
        Assert.StartsWith("attention_fma_", Check(2, 5, 9, 2, 7, 1, DType.BF16, DType.BF16), StringComparison.Ordinal);
}
