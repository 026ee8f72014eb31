using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>Media cross attention in all types.</summary>
public sealed class GpuMediaCrossAttention : MediaCrossAttentionConformance<FourSchedules>
{
    [Theory]
    [InlineData(1, 140, 64, 1, 64, DType.BF16, DType.BF16)]
    [InlineData(2, 37, 50, 2, 80, DType.F16, DType.F32)]
    [InlineData(1, 66, 130, 1, 16, DType.BF16, DType.F16)]
    [InlineData(2, 124, 40, 8, 32, DType.BF16, DType.F32)]
    public void MediaCrossAttention_Narrow_RunsOnTensorCores(
        int batch, int tokens, int latents, int heads, int dim, DType input, DType output) =>
        Assert.StartsWith("attention_mma_", Check(batch, tokens, latents, heads, dim, 8, input, output), StringComparison.Ordinal);

    [Fact]
    public void MediaCrossAttention_NarrowAtAnyHeadDim_SeesItsMediaOnly() =>
        Assert.StartsWith("attention_fma_", Check(2, 23, 5, 2, 12, 2, DType.BF16, DType.BF16), StringComparison.Ordinal);
}
