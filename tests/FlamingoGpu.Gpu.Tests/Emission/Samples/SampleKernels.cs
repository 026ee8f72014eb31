using FlamingoGpu.Ptx;

namespace FlamingoGpu.Gpu.Tests.Emission.Samples;

/// <summary>The kernels that prove the language, by the names of their committed texts.</summary>
internal static class SampleKernels
{
    public static IReadOnlyDictionary<string, Func<PtxKernel>> All { get; } =
        new SortedDictionary<string, Func<PtxKernel>>(
        StringComparer.Ordinal)
        {
            ["flash_attention_bf16_d80"] = () => TensorAttentionKernel.Create("flash_attention_bf16_d80", 80),
            ["flash_attention_f32_d40_causal"] = () =>
                FlashAttentionKernel.Create("flash_attention_f32_d40_causal", 40, true),
            ["gelu_f32"] = () => GeluKernel.Create("gelu_f32", 256),
            ["gemm_bf16_64x64x32"] = () => GemmKernel.Create<BF16>("gemm_bf16_64x64x32", new GemmTiles(64, 64, 32, 3)),
            ["gemv_bf16"] = () => GemvKernel.Create("gemv_bf16", 4),
            ["layer_norm_f32"] = () => NormKernels.LayerNorm("layer_norm_f32", 256),
            ["rms_norm_bf16"] = () => NormKernels.RmsNorm<BF16>("rms_norm_bf16", 128),
            ["warp_softmax_f32"] = () => WarpSoftmaxKernel.Create("warp_softmax_f32", 4),
        };
}
