using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.Gpu.Tests.Emission;

/// <summary>
/// The variants that hold most in registers, among them those which only large shapes choose: the reader takes their
/// texts, and an assembler that needs a fifth more registers than there are values alive still does not spill. Copies
/// of 8 bytes, which only the patches of a picture need, take twice the addresses: for them it is a seventh. Attention by
/// warpgroups is given no margin: assemblers were seen to take 30 registers less than the estimate, which counts addresses
/// that they make anew.
/// </summary>
public sealed class WidestKernelTests
{
    private static readonly GpuEpilogue s_everything = new(
        new Epilogue(Bias: true, Activation: Activation.GeluErf, Multiply: true, Gate: true, Residual: true),
        DType.F32, DType.F32, GpuEpilogue.Vector);

    private static readonly Dictionary<string, IKernelVariant> s_variants = Variants().ToDictionary(v => v.Name);

    public static TheoryData<string> Names => [.. s_variants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Build_LeavesRegistersForTheAssembler_AndIsLegal(string name)
    {
        var kernel = s_variants[name].Build();
        Assert.Empty(PtxReader.Check(kernel.Text));
        var most = Math.Min(255, 65536 / kernel.Block.Threads);
        var margin = s_variants[name] switch
        {
            AttentionWarpgroup => 0,
            GemmTensorCore { Piece: 4 } => kernel.RegisterEstimate / 7,
            _ => kernel.RegisterEstimate / 5,
        };
        Assert.InRange(kernel.RegisterEstimate + margin, 1, most);
    }

    private static IEnumerable<IKernelVariant> Variants()
    {
        foreach (var tile in GemmTiles.All)
            foreach (var piece in (int[])[4, 8])
                yield return new GemmTensorCore(DType.BF16, tile, piece, IsWhole: false, Parts: false, s_everything);
        foreach (var keys in (KeyStrategy[])[new FullKeys(), new MediaKeys(), new LatentKeys(), new CausalKeys(true, 0, false)])
        {
            yield return new AttentionTensorCore(new(DType.BF16, DType.BF16, 96, 1, keys), new AttentionTile(32, 32, 4));
            yield return new AttentionTensorCore(new(DType.BF16, DType.BF16, 128, 1, keys), new AttentionTile(16, 64, 2));
        }

        foreach (var tile in WarpgroupTiles.All)
            yield return new GemmWarpgroup(DType.BF16, tile, IsWhole: false, Parts: false, s_everything);
        foreach (var warpgroups in (int[])[1, 2])
            yield return new AttentionWarpgroup(
                new(DType.BF16, DType.BF16, 128, 1, new CausalKeys(true, 128, false)), new(warpgroups, 128, 2));

        yield return new AttentionFma(DType.F32, DType.F32, AttentionFma.MaxHeadDim, 1, new FullKeys(), Vector: true);
        yield return new Gemv(DType.BF16, DType.BF16, Gemv.MaxRows, 8, 2, 1, s_everything with { Width = 1 });
        foreach (var vector in (int[])[1, 4])
        {
            var shape = LogitRowShape.For(51200, vector);
            yield return new TopKKernel(50, shape);
            yield return new SampleTokenKernel(true, true, true, shape);
        }
    }
}
