using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>
/// Unmasked attention in all types. On the tensor cores: every head dim, ragged edges, and enough keys that every stage
/// of the ring is used again.
/// </summary>
public abstract class NarrowAttention<TTarget>(string tensorCores) : AttentionConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 257, 257, 1, 64, DType.BF16, DType.BF16)]
    [InlineData(2, 65, 300, 2, 16, DType.F16, DType.F32)]
    [InlineData(1, 7, 321, 2, 80, DType.BF16, DType.F32)]
    [InlineData(1, 64, 129, 1, 96, DType.F16, DType.F16)]
    [InlineData(1, 20, 200, 1, 128, DType.BF16, DType.BF16)]
    [InlineData(1, 2, 1, 1, 32, DType.BF16, DType.F16)]
    [InlineData(1, 3, 64, 2, 48, DType.F16, DType.F32)]
    [InlineData(1, 3, 65, 1, 112, DType.BF16, DType.F32)]
    [InlineData(2, 128, 100, 8, 64, DType.BF16, DType.BF16)]
    [InlineData(1, 250, 70, 8, 80, DType.F16, DType.F32)]
    [InlineData(1, 66, 300, 1, 112, DType.BF16, DType.F16)]
    [InlineData(1, 70, 97, 1, 48, DType.F16, DType.BF16)]
    [InlineData(1, 129, 96, 1, 128, DType.BF16, DType.BF16)]
    [InlineData(1, 80, 1, 1, 32, DType.BF16, DType.F32)]
    public void Attention_Narrow_RunsOnTensorCores(
        int batch, int queries, int keys, int heads, int dim, DType input, DType output) =>
        Assert.StartsWith(
            queries > 64 ? tensorCores : "attention_mma_", Check(batch, queries, keys, heads, dim, 0, 8, input, output),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(2, 7, 13, 3, 5, 0, DType.BF16, DType.F32)]
    [InlineData(1, 9, 40, 2, 33, 0, DType.F16, DType.F16)]
    [InlineData(1, 40, 9, 1, 4, 0, DType.BF16, DType.F16)]
    [InlineData(1, 3, 5, 1, 144, 0, DType.BF16, DType.BF16)]
    [InlineData(1, 3, 5, 1, 16, 4, DType.BF16, DType.BF16)]
    public void Attention_NarrowThatTensorCoresCannotTake_IsTheSoftmaxAverage(
        int batch, int queries, int keys, int heads, int dim, int gap, DType input, DType output) =>
        Assert.StartsWith("attention_fma_", Check(batch, queries, keys, heads, dim, gap, gap, input, output), StringComparison.Ordinal);
}

public sealed class GpuAttention() : NarrowAttention<FourSchedules>("attention_warpgroup_")
{
    [Fact]
    public void Attention_AnyShapeOfWarpgroups_IsTheSoftmaxAverage()
    {
        var cases = from queries in Gen.Choose(65, 200)
                    from keys in Gen.Choose(1, 300)
                    from heads in Gen.Choose(1, 3)
                    from dim in Gen.Choose(1, 8).Select(n => 16 * n)
                    from gaps in Gen.Elements((0, 0), (8, 24), (64, 0))
                    from input in Gen.Elements(DType.BF16, DType.F16)
                    from output in Gen.Elements(DType.F32, DType.BF16, DType.F16)
                    select (queries, keys, heads, dim, gaps, input, output);
        Prop.ForAll(cases.ToArbitrary(), drawn =>
        {
            var (queries, keys, heads, dim, (gap, keyGap), input, output) = drawn;
            var variant = Check(1, queries, keys, heads, dim, gap, keyGap, input, output);
            Assert.StartsWith("attention_warpgroup_", variant, StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(8).WithQuietOnSuccess(true));
    }
}

public sealed class GpuAttentionSm80() : NarrowAttention<WithoutWarpgroups>("attention_mma_");
