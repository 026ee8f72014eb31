using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Zoo;

/// <summary>
/// Every bug of the zoo is reported by the check meant for it, at its C# line, with block, warp, lane and place; the
/// corrected twin is clean and right.
/// </summary>
public class LanguageZooTests
{
    private const int Seeds = 4;

    public static TheoryData<string> Names => [.. LanguageZoo.Kernels.Select(kernel => kernel.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_BrokenKernel_IsReportedByItsCheckAtItsLine(string name)
    {
        var zoo = LanguageZoo.Kernels.Single(kernel => kernel.Name == name);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (report, problem) = Run(zoo, isBroken: true, new VirtualDeviceOptions { Seed = seed });
            if (zoo.Kind is not { } kind)
            {
                Assert.NotNull(problem);
                continue;
            }

            var finding = Assert.Single(
                report.Findings, f => f.Kind == kind && f.Source == $"LanguageZoo.cs:{zoo.Line}");
            Assert.Equal(name, finding.Kernel);
            Assert.InRange(finding.Block, 0, zoo.Blocks - 1);
            Assert.InRange(finding.Warp, 0, 7);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_CorrectedTwin_IsCleanAndRight(string name)
    {
        var zoo = LanguageZoo.Kernels.Single(kernel => kernel.Name == name);
        foreach (var workers in new[] { 1, 3 })
        {
            var options = new VirtualDeviceOptions { SeedCount = Seeds, Workers = workers };
            var (report, problem) = Run(zoo, isBroken: false, options);
            Assert.True(report.IsClean, string.Join("\n", report.Findings));
            Assert.Null(problem);
        }
    }

    /// <summary>A race between blocks of different workers is found after the run, and then placed.</summary>
    [Fact]
    public void Launch_BlocksOfSeveralWorkersRace_IsReportedAtItsLine()
    {
        var zoo = LanguageZoo.Kernels.Single(kernel => kernel.Name == "blocks_write_the_same_place");
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (report, _) = Run(zoo, isBroken: true, new VirtualDeviceOptions { Seed = seed, Workers = 3 });
            var finding = Assert.Single(report.Findings);
            Assert.Equal((FindingKind.Race, $"LanguageZoo.cs:{zoo.Line}"), (finding.Kind, finding.Source));
        }
    }

    [Fact]
    public void Findings_OfGlobalMemory_NameTheAllocationAndTheOffset()
    {
        var zoo = LanguageZoo.Kernels.Single(kernel => kernel.Name == "out_of_bounds_tail");
        var (report, _) = Run(zoo, isBroken: true, new VirtualDeviceOptions());
        var finding = Assert.Single(report.Findings, f => f.Message.Contains("'y'", StringComparison.Ordinal));
        Assert.Equal("'y' + 1024", finding.Place);
        Assert.Equal((2, 2, 0), (finding.Block, finding.Warp, finding.Lane));
        Assert.Contains("lane 0", finding.ToString(), StringComparison.Ordinal);
        Assert.Contains("'y' + 1024", finding.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ld.global.f32", "ld.global.f31")]
    [InlineData("st.global.f32 [", "st.global.f32 ")]
    [InlineData("st.global.f32", "st.global.b64")]
    public void Load_TextThatIsNoPtx_IsRefusedAtItsLine(string good, string bad)
    {
        var kernel = LanguageZoo.Kernels.Single(kernel => kernel.Name == "missing_barrier").Build(isBroken: false);
        using var device = new VirtualDevice();
        device.Load(kernel.Text);
        var text = kernel.Text.Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(kernel.Text, text);
        var line = text.Split('\n').TakeWhile(l => !l.Contains(bad, StringComparison.Ordinal)).Count() + 1;
        var error = Assert.Throws<PtxException>(() => device.Load(text));
        Assert.Contains(error.Errors, e => e.Line == line);
    }

    private static (LaunchReport Report, string? Problem) Run(
        LanguageZooKernel zoo, bool isBroken, VirtualDeviceOptions options)
    {
        using var device = new VirtualDevice(options);
        var kernel = zoo.Build(isBroken);
        var values = Enumerable.Range(0, 1024).Select(i => (float)i).ToArray();
        var x = device.Allocate(4 * values.Length, "x");
        device.Upload<float>(values, x);
        var y = device.Allocate(4 * 256, "y");
        var report = device.Launch(
            device.Load(kernel.Text).Kernel(kernel.Name), zoo.Blocks, kernel.Block.X, kernel.DynamicSharedBytes, x, y);
        if (device.FirstUnwrittenByte(y, 4 * 256) is >= 0 and var unwritten) return (report, $"byte {unwritten}");
        var result = device.Download<float>(y, 256);
        return (report, result.SequenceEqual(zoo.Expected(values)) ? null : "wrong result");
    }
}
