using System.Globalization;
using System.Text.RegularExpressions;
using FlamingoGpu.Gpu.Tests.Emission.Samples;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission;

/// <summary>
/// Checks of the text that need no reader: declarations, labels, line comments, and what the samples must contain.
/// </summary>
public sealed partial class StructureTests
{
    public static TheoryData<string> Names => [.. SampleKernels.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_OfASample_DeclaresWhatItUses(string name)
    {
        var lines = SampleKernels.All[name]().Text.Split('\n');
        var declared = lines.Select(line => DeclarationPattern().Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups[1].Value, match => Number(match.Groups[2].Value));
        var body = lines.SkipWhile(line => line != "{").Where(line => !line.Contains(".reg", StringComparison.Ordinal))
            .Select(line => line.Split("//")[0]).ToArray();
        var used = body.SelectMany(line => RegisterPattern().Matches(line))
            .Where(match => declared.ContainsKey(match.Groups[1].Value))
            .GroupBy(match => match.Groups[1].Value)
            .ToDictionary(group => group.Key, group => group.Max(match => Number(match.Groups[2].Value)) + 1);
        foreach (var (file, count) in declared) Assert.True(used[file] == count, $"{file}: {used[file]} of {count}");

        var labels = body.Where(line => line.StartsWith('$')).Select(line => line.TrimEnd(':', ' ')).ToArray();
        var targets = body.Where(line => line.Contains("bra", StringComparison.Ordinal))
            .Select(line => line.Trim().TrimEnd(';').Split(' ')[^1]).Distinct().ToArray();
        Assert.Equal(labels.Order(), labels.Distinct().Order());
        Assert.Empty(targets.Except(labels));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_OfASample_HasALineAfterEveryInstruction(string name)
    {
        var instructions = SampleKernels.All[name]().Text.Split('\n')
            .SkipWhile(line => line != "{")
            .Where(line => line.Contains(';') && !line.Contains("    .", StringComparison.Ordinal));
        Assert.All(instructions, line => Assert.Matches(SitePattern(), line));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_OfASample_IsAsciiForTheLowestTarget(string name)
    {
        var text = SampleKernels.All[name]().Text;
        Assert.True(text.All(c => c is '\n' or (>= ' ' and <= '~')));
        Assert.StartsWith(name == "gemv_bf16" ? ".version 7.4\n" : ".version 7.0\n", text, StringComparison.Ordinal);
        Assert.Contains("\n.target sm_80\n.address_size 64\n", text, StringComparison.Ordinal);
        Assert.Contains(", 1, 1\n.minnctapersm 1\n{\n", text, StringComparison.Ordinal);
        Assert.EndsWith("ret;", text.Split('\n')[^3].Split("//")[0].Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, 64, 32, 3)]
    [InlineData(128, 128, 64, 4)]
    [InlineData(64, 32, 64, 2)]
    public void Gemm_OfAnyTiles_HasItsProductsAndItsRing(int m, int n, int k, int stages)
    {
        var kernel = GemmKernel.Create<F16>("gemm", new GemmTiles(m, n, k, stages));
        var lines = kernel.Text.Split('\n').Select(line => line.Trim()).ToArray();
        Assert.Equal(m / 32 * (n / 16) * (k / 16), Count("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32"));
        Assert.Equal((m / 32 + (n / 2 + 15) / 16) * (k / 16), Count("ldmatrix.sync.aligned.m8n8.x4.shared.b16"));
        Assert.Equal(stages, Count("cp.async.commit_group"));
        Assert.Equal(1, Count("cp.async.wait_group"));
        Assert.Equal(1, Count($"cp.async.wait_group {stages - 2};"));
        Assert.Equal(1, Count("bar.sync"));
        Assert.Equal(stages * (m + n) * k * 2, kernel.DynamicSharedBytes);

        int Count(string start) => lines.Count(line => line.StartsWith(start, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(3, false, 5)]
    [InlineData(1, true, 2)]
    public void BlockSum_BehindNoOther_NeedsOneBarrier(int sums, bool isInLoop, int barriers)
    {
        var kernel = StagingTests.Define(
            k =>
            {
                var y = k.InOut<F32>("y");
                void Sum(S32 i) => y[i] = BlockSum(y[i]);
                for (var i = 0; i < sums; i++)
                {
                    if (isInLoop) For(0, 3, Sum);
                    else Sum(i);
                }
            },
            threads: 64);
        var lines = kernel.Text.Split('\n');
        Assert.Equal(barriers, lines.Count(line => line.Contains("bar.sync", StringComparison.Ordinal)));
    }

    [Fact]
    public void SharedTile_Of80Columns_TakesNoPadding()
    {
        var kernel = StagingTests.Define(
            k =>
            {
                var ring = new Ring(2);
                var tile = ring.Tile<BF16>(64, 80);
                var copy = tile.CopyFrom(k.Input<BF16>("x"), 80, 64);
                var read = tile.LeftFactor(0);
                var transposed = tile.RightFactorTransposed(0);
                var y = k.Output<B32>("y");
                ring.Run(3, (stage, step) => copy.Start(stage, step * 80), (stage, _) =>
                {
                    foreach (var word in read.Load(48, 64, stage).Left) y[0] = word;
                    foreach (var word in transposed.Load(16, 48, stage).Right(1)) y[1] = word;
                });
            }, threads: 64);
        Assert.Equal(2 * 64 * 80 * 2, kernel.DynamicSharedBytes);
        Assert.Contains("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", kernel.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Isa_EveryForm_IsWrittenAsTheIsaWritesIt()
    {
        var lines = StagingTests.Stage(
            k =>
            {
                var f = k.InOut<F32>("f");
                var s = k.InOut<S32>("s");
                var q = k.InOut<S8>("q");
                var u = k.InOut<U64>("u");
                var p = ThreadIdx.X < 5;
                var shared = SharedArray<S32>(4);
                q[1] = S8.Narrow(q[0].ToS32() + 1);
                s[0] = Isa.ReduxSyncAdd(s[1]);
                s[2] = Isa.VoteSyncBallot(p).AsS32();
                s[3] = Isa.Popc(s[4].AsB32());
                s[5] = Isa.AtomSharedAdd(shared, s[6]);
                s[7] = Isa.BarRedPopc(p);
                Isa.RedGlobalAdd(f, 2f);
                u[0] = Isa.AtomGlobalMax(u, u[1]);
                Isa.BarSync(3, 32);
                Isa.BarArrive(4, 32);
                Isa.BarWarpSync();
                Isa.FenceAcqRelGpu();
                f[1] = Isa.TanhApprox(f[2]);
                f[3] = Isa.ShflSync(Shuffle.Up, f[4], 1, 8);
                s[8] = new PackedS4(s[9].AsB32())[7];
                s[10] = new PackedS4(s[11].AsB32()).PairToBF16x2(1).AsB32().AsS32();
                s[12] = PackedS8.Round(new Vec4<F32>(f[5], f[6], f[7], f[8])).Word.AsS32();
                f[9] = f[10].To<F16>().ToF32();
                var sums = new[] { Var(0), Var(0), Var(0), Var(0) };
                B32 word = s[13].AsB32();
                Isa.MmaSyncM16N8K32RowColS32S8(sums, [word, word, word, word], [word, word]);
                s[14] = sums[3];
            });
        string[] expected =
        [
            @"ld\.global\.s8 %r\d+, \[%rd\d+\];",
            @"st\.global\.s8 \[%rd\d+\+1\], %r\d+;",
            @"redux\.sync\.add\.s32 %r\d+, %r\d+, 4294967295;",
            @"vote\.sync\.ballot\.b32 %r\d+, %p\d+, 4294967295;",
            @"popc\.b32 %r\d+, %r\d+;",
            @"atom\.shared\.add\.s32 %r\d+, \[shared0\], %r\d+;",
            @"bar\.red\.popc\.u32 %r\d+, 0, %p\d+;",
            @"red\.global\.add\.f32 \[%rd\d+\], 0f40000000;",
            @"atom\.global\.max\.u64 %rd\d+, \[%rd\d+\], %rd\d+;",
            @"bar\.sync 3, 32;",
            @"bar\.arrive 4, 32;",
            @"bar\.warp\.sync 4294967295;",
            @"fence\.acq_rel\.gpu;",
            @"tanh\.approx\.f32 %f\d+, %f\d+;",
            @"shfl\.sync\.up\.b32 %f\d+, %f\d+, 1, 6144, 4294967295;",
            @"bfe\.s32 %r\d+, %r\d+, 28, 4;",
            @"lop3\.b32 %r\d+, %r\d+, 983055, 1124614920, 106;",
            @"fma\.rn\.bf16x2 %r\d+, %r\d+, 1065369472, 3272131336;",
            @"cvt\.rni\.s32\.f32 %r\d+, %f\d+;",
            @"prmt\.b32 %r\d+, %r\d+, %r\d+, 21520;",
            @"cvt\.rn\.f16\.f32 %h\d+, %f\d+;",
            @"cvt\.f32\.f16 %f\d+, %h\d+;",
            @"mma\.sync\.aligned\.m16n8k32\.row\.col\.s32\.s8\.s8\.s32 (\{(%r\d+, ){3}%r\d+\}, ){2}\{%r\d+, %r\d+\}, "
                + @"\{(%r\d+, ){3}%r\d+\};",
        ];
        var limit = TimeSpan.FromSeconds(1);
        Assert.All(expected, pattern =>
            Assert.Contains(lines, line => Regex.IsMatch(line, $"^{pattern}$", RegexOptions.None, limit)));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^    \.reg \.\w+ %([a-z]+)<(\d+)>;$", RegexOptions.None, 1000)]
    private static partial Regex DeclarationPattern();

    [GeneratedRegex(@"%([a-z]+)(\d+)", RegexOptions.None, 1000)]
    private static partial Regex RegisterPattern();

    [GeneratedRegex(@"; +// \w+\.cs:\d+(-\d+)?( \w+)?$", RegexOptions.None, 1000)]
    private static partial Regex SitePattern();
}
