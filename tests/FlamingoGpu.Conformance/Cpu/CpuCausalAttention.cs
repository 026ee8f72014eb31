using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>Causal attention over caches in all types.</summary>
public sealed class CpuCausalAttention : CausalAttentionConformance<CpuTarget>
{
    [Theory]
    [InlineData(1, 16, 128, 511, true, 1, 0, DType.BF16)]
    [InlineData(1, 4, 80, 130, false, 2, 80, DType.BF16)]
    [InlineData(1, 3, 33, 100, true, 1, 0, DType.BF16)]
    [InlineData(1, 6, 5, 9, true, 3, 0, DType.F16)]
    [InlineData(1, 2, 64, 443, false, 1, 32, DType.F16)]
    [InlineData(2, 4, 33, 30, true, 2, 0, DType.BF16)]
    [InlineData(7, 3, 5, 13, true, 1, 0, DType.F16)]
    [InlineData(140, 2, 64, 5, true, 1, 0, DType.BF16)]
    [InlineData(300, 1, 80, 0, false, 1, 20, DType.F16)]
    [InlineData(5, 6, 8, 11, true, 3, 8, DType.BF16)]
    public void CausalAttention_NarrowCache_HoldsAndIsAttendedToRounded(
        int tokens, int heads, int dim, int past, bool alibi, int group, int rotaryDims, DType cache) => Assert.EndsWith(
            $"-{cache.ShortName()}", Check(tokens, heads, dim, past, alibi, group, rotaryDims, cache: cache),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    public void CausalAttention_NarrowCacheTokenByToken_IsTheSameCacheAsAtOnce(DType cache) => CheckTokenByToken(cache);
}
