using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>
/// What the attention kernels do to memory at aligned sizes, counted: no bank of shared memory is met twice, every byte
/// of every sector is asked for, and decode reads little more than keys and values.
/// </summary>
public sealed class GpuAttentionCounts : OpConformance<VirtualTarget>
{
    [Theory]
    [InlineData(64, 2, 64, DType.BF16, DType.BF16)]
    [InlineData(64, 2, 80, DType.F16, DType.F16)]
    [InlineData(64, 2, 96, DType.BF16, DType.F32)]
    [InlineData(64, 2, 128, DType.BF16, DType.BF16)]
    [InlineData(256, 8, 64, DType.BF16, DType.BF16)]
    [InlineData(256, 8, 96, DType.F16, DType.F32)]
    [InlineData(64, 2, 64, DType.F32, DType.F32)]
    [InlineData(64, 2, 128, DType.F32, DType.F32)]
    public void Attention_AlignedSizes_UsesBanksAndSectorsFully(int queries, int heads, int dim, DType input, DType output)
    {
        var q = Place(HostTensor.Uniform(1, [1, queries, heads * dim], dtype: input));
        var k = Place(HostTensor.Uniform(2, [1, 192, heads * dim], dtype: input));
        CheckCounts(Launches(new Attention(heads, dim, 0.1f) { OutputType = output }, q, k, k));
    }

    [Theory]
    [InlineData(64, true, 0)]
    [InlineData(128, false, 128)]
    public void CausalAttention_AlignedSizes_UsesBanksAndSectorsFully(int dim, bool alibi, int rotaryDims)
    {
        var x = Place(HostTensor.Uniform(1, [1, 128, 2 * dim], dtype: DType.BF16));
        var cache = Place(HostTensor.Uniform(2, [1, 256, 2 * dim], dtype: DType.BF16));
        var op = new CausalAttention(2, dim, 0.1f, alibi, 0, rotaryDims) { OutputType = DType.BF16 };
        BoundTensor[] inputs = [x, x, x, cache, Place(HostTensor.Uniform(3, [1, 256, 2 * dim], dtype: DType.BF16)), Past(1, 64)];
        CheckCounts(Launches(op, alibi ? [.. inputs, Place(HostTensor.Uniform(4, [2]))] : inputs));
    }

    [Fact]
    public void LatentAttention_AlignedSizes_UsesBanksAndSectorsFully()
    {
        var latents = Place(HostTensor.Uniform(1, [1, 64, 128], dtype: DType.BF16));
        var media = Place(HostTensor.Uniform(2, [1, 256, 128], dtype: DType.BF16));
        CheckCounts(Launches(
            new LatentAttention(2, 64, 0.1f) { OutputType = DType.BF16 }, latents, media, media, latents, latents));
    }

    [Fact]
    public void MediaCrossAttention_TokensOfTwoMedia_ReadsNoneOfTheOthers()
    {
        const int Tokens = 64, Width = 128, Latents = 64;
        var q = Place(HostTensor.Uniform(1, [1, Tokens, Width], dtype: DType.BF16));
        var media = Place(HostTensor.Uniform(2, [9, Latents, Width], dtype: DType.BF16));
        var spans = Enumerable.Range(0, Tokens).SelectMany(token => new[] { token < 40 ? 3 : 4, 1 }).ToArray();
        var report = Assert.Single(Launches(
            new MediaCrossAttention(2, 64, 0.1f) { OutputType = DType.BF16 }, q, media, media,
            Place(HostTensor.Integers([1, Tokens, 2], spans))));
        CheckCounts([report]);

        // q and y, keys and values of two media; and the spans, 8 bytes each: every warp reads all 64 for the bounds,
        // then those of its own 16 rows, 8 by 8.
        var tensors = 2 * (2 * Tokens + 2 * 2 * Latents) * Width;
        var spanBytes = 2 * 4 * (64 + 16) * 8;
        Assert.Equal(tensors + spanBytes, Bytes(report));
    }

    [Theory]
    [InlineData(64, 1, DType.BF16)]
    [InlineData(80, 1, DType.F16)]
    [InlineData(128, 1, DType.F32)]
    [InlineData(128, 4, DType.BF16)]
    public void CausalAttention_SingleToken_ReadsTheCacheOnce(int dim, int group, DType type)
    {
        const int Heads = 4, Past = 511;
        var keyHeads = Heads / group;
        BoundTensor Tensor(int rows, int heads) => Place(HostTensor.Uniform(rows + heads, [1, rows, heads * dim], dtype: type));
        var op = new CausalAttention(Heads, dim, 0.1f, false, keyHeads) { OutputType = type };
        var reports = Launches(
            op, Tensor(1, Heads), Tensor(1, keyHeads), Tensor(1, keyHeads), Tensor(Past + 1, keyHeads), Tensor(Past + 1, keyHeads),
            this.Past(1, Past));
        Assert.Equal(2, reports.Count);
        CheckCounts(reports);
        var least = type.ByteSize((2 * (Past + 1) * keyHeads + 2 * keyHeads + 2 * Heads) * dim);
        Assert.InRange(reports.Sum(Bytes), least, least * 1.1);
    }

    [Fact]
    public void MediaCrossAttention_SingleToken_ReadsItsMediumOnce()
    {
        var q = Place(HostTensor.Uniform(1, [1, 1, 512], dtype: DType.BF16));
        var media = Place(HostTensor.Uniform(2, [5, 64, 512], dtype: DType.BF16));
        var report = Assert.Single(Launches(
            new MediaCrossAttention(8, 64, 0.1f) { OutputType = DType.BF16 }, q, media, media,
            Place(HostTensor.Integers([1, 1, 2], 3, 1))));
        Assert.Equal(1, report.Counters.SectorEfficiency);
        var least = 2 * (2 * 64 * 512 + 2 * 512);
        Assert.InRange(Bytes(report), least, least * 1.1);
    }

    /// <summary>Bytes moved: whole sectors, once for each request of a warp.</summary>
    private static long Bytes(LaunchReport report) => 32 * report.Counters.GlobalSectors;

    private BoundTensor Past(int batch, int past) => Place(HostTensor.Integers([batch], past));

    private List<LaunchReport> Launches(Op op, params BoundTensor[] inputs)
    {
        var target = (VirtualTarget)Target;
        var reports = new List<LaunchReport>();
        target.Driver.Launched = reports.Add;
        Run(op, inputs, out _);
        target.Driver.Launched = null;
        return reports;
    }

    private void CheckCounts(List<LaunchReport> reports)
    {
        foreach (var report in reports)
        {
            foreach (var i in report.Counters.Instructions)
            {
                Assert.True(i.SharedWavefronts == i.IdealSharedWavefronts, $"{report.Kernel}: bank conflicts of {i}");
                Assert.True(i.GlobalSectors == i.IdealGlobalSectors, $"{report.Kernel}: half-used sectors of {i}");
            }

            var kernel = ((GpuKernels)Target.Kernels).Built[report.Kernel];
            var isWarpgroups = kernel.Name.StartsWith("attention_warpgroup", StringComparison.Ordinal);
            Assert.InRange(kernel.RegisterEstimate, 1, isWarpgroups ? 250 : 199);
        }
    }
}
