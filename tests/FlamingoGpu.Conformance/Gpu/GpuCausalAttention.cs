using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>Causal attention in all types, as devices of compute capability 8.0 and 9.0 run it.</summary>
public abstract class NarrowCausalAttention<TTarget>(string tensorCores) : CausalAttentionConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(70, 2, 64, 0, true, DType.BF16, DType.BF16)]
    [InlineData(130, 1, 128, 70, true, DType.BF16, DType.F32)]
    [InlineData(5, 2, 80, 201, false, DType.F16, DType.F16)]
    [InlineData(64, 1, 32, 64, false, DType.BF16, DType.F32)]
    [InlineData(120, 6, 32, 20, true, DType.F16, DType.F16)]
    public void CausalAttention_Narrow_RunsOnTensorCores(
        int tokens, int heads, int dim, int past, bool alibi, DType input, DType output) =>
        AssertOnTensorCores(tokens, Check(tokens, heads, dim, past, alibi, input: input, output: output));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void CausalAttention_CacheOfAnotherType_IsRefused(int tokens)
    {
        var error = Assert.Throws<NotSupportedException>(
            () => Check(tokens, 2, 16, 3, alibi: false, cache: DType.BF16));
        Assert.Equal("gpu: causal_attention has no kernel for f32 with a cache in bf16.", error.Message);
    }

    [Theory]
    [InlineData(3, 2, 33, 30, true, DType.BF16, DType.F16)]
    [InlineData(40, 1, 8, 3, false, DType.F16, DType.F32)]
    public void CausalAttention_NarrowAtAnyHeadDim_SeesItsOwn(
        int tokens, int heads, int dim, int past, bool alibi, DType input, DType output) =>
        Assert.Contains("attention_fma_", Check(tokens, heads, dim, past, alibi, input: input, output: output), StringComparison.Ordinal);

    [Theory]
    [InlineData(70, 2, 64, 90, 2, 64, DType.BF16)]
    [InlineData(9, 2, 80, 30, 1, 80, DType.F16)]
    [InlineData(66, 1, 96, 0, 1, 32, DType.BF16)]
    public void CausalAttention_NarrowAndRotary_RunsOnTensorCores(
        int tokens, int heads, int dim, int past, int group, int rotaryDims, DType type) =>
        AssertOnTensorCores(tokens, Check(tokens, heads, dim, past, false, group, rotaryDims, type, type));

    [Theory]
    [InlineData(2, 64, 300, true, 1, 0, DType.BF16, DType.BF16)]
    [InlineData(4, 128, 70, false, 4, 128, DType.BF16, DType.F32)]
    [InlineData(2, 80, 201, false, 1, 80, DType.F16, DType.F16)]
    [InlineData(3, 33, 100, true, 1, 0, DType.BF16, DType.F32)]
    public void CausalAttention_NarrowSingleToken_IsSharedOut(
        int heads, int dim, int past, bool alibi, int group, int rotaryDims, DType input, DType output) => Assert.Contains(
            "attention_decode_", Check(1, heads, dim, past, alibi, group, rotaryDims, input, output), StringComparison.Ordinal);

    /// <summary>No key is seen, but 16-bit results pass through the queries' place all the same.</summary>
    [Theory]
    [InlineData(70, 0)]
    [InlineData(70, 16)]
    [InlineData(9, 0)]
    [InlineData(9, 16)]
    public void CausalAttention_NarrowPastBeyondTheCache_IsRefused(int tokens, int rotaryDims)
    {
        var x = HostTensor.Uniform(1, [1, tokens, 32], dtype: DType.BF16);
        var cache = HostTensor.Uniform(2, [1, 80, 32], dtype: DType.BF16);
        RequireRefused(
            new CausalAttention(1, 32, 1f, Alibi: false, RotaryDims: rotaryDims) { OutputType = DType.BF16 },
            Place(x), Place(x), Place(x), Place(cache), Place(cache), Place(HostTensor.Integers([1], 81 - tokens)));
    }

    /// <summary>Few queries are not worth a warpgroup.</summary>
    private void AssertOnTensorCores(int tokens, string variant) =>
        Assert.Contains(tokens > 64 ? tensorCores : "attention_mma_", variant, StringComparison.Ordinal);
}

public sealed class GpuCausalAttention() : NarrowCausalAttention<FourSchedules>("attention_warpgroup_")
{
    [Fact]
    public void CausalAttention_AnyShapeOfWarpgroups_SeesItsOwn()
    {
        var cases = from tokens in Gen.Choose(65, 200)
                    from past in Gen.Choose(0, 300)
                    from dim in Gen.Choose(1, 8).Select(n => 16 * n)
                    from heads in Gen.Elements((1, 1), (2, 2), (4, 2), (6, 3), (6, 1))
                    from rotary in Gen.Choose(0, dim / 16).Select(n => 16 * n)
                    from alibi in Gen.Elements(true, false)
                    from input in Gen.Elements(DType.BF16, DType.F16)
                    from output in Gen.Elements(DType.F32, DType.BF16, DType.F16)
                    select (tokens, past, dim, heads, rotary, alibi, input, output);
        Prop.ForAll(cases.ToArbitrary(), drawn =>
        {
            var (tokens, past, dim, (heads, group), rotary, alibi, input, output) = drawn;
            var variant = Check(tokens, heads, dim, past, alibi, group, rotary, input, output);
            Assert.Contains("attention_warpgroup_", variant, StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4).WithQuietOnSuccess(true));
    }
}

public sealed class GpuCausalAttentionSm80() : NarrowCausalAttention<WithoutWarpgroups>("attention_mma_");
