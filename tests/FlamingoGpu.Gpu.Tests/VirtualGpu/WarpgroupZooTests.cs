using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>The checks of warpgroup products: each speaks at its line, and is silent about the corrected twin.</summary>
public class WarpgroupZooTests
{
    private const int Seeds = 6;

    public static TheoryData<string> Names => [.. WarpgroupZoo.Kernels.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_BrokenKernel_IsReportedByItsCheckAtItsLine(string name)
    {
        var kind = WarpgroupZoo.Kernels[name].Kind;
        var reported = 0;
        var others = new List<Finding>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var findings = Run(name, isBroken: true, new VirtualDeviceOptions { Seed = seed }).Report.Findings;
            if (findings.Any(finding => finding.Kind == kind && finding.Source == "Zoo.cs:1")) reported++;
            others.AddRange(findings);
        }

        // A schedule may hide a race; no race may hide from all schedules, and no other mistake from any.
        Assert.True(kind == FindingKind.Race ? reported > 0 : reported == Seeds,
            $"{name}: {kind} was reported {reported} times in {Seeds} seeds\n{string.Join("\n", others)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_CorrectedTwin_IsClean(string name)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (report, _) = Run(name, isBroken: false, new VirtualDeviceOptions { Seed = seed, SeedCount = 2 });
            Assert.True(report.IsClean, string.Join("\n", report.Findings));
        }
    }

    [Fact]
    public void Launch_MemoryChangedUnderAProduct_LeavesOtherResultsWithOtherSeeds()
    {
        var results = Enumerable.Range(0, 16)
            .Select(seed => Run("overwritten before the wait", isBroken: true, new VirtualDeviceOptions { Seed = seed }).First)
            .Distinct();
        Assert.True(results.Count() > 1, "every seed gave the same sum");
    }

    [Theory]
    [InlineData(96)]
    [InlineData(64)]
    public void Launch_BlockWithoutWholeWarpgroups_IsAMismatch(int threads)
    {
        var (report, _) = Run("product never committed", isBroken: false, new VirtualDeviceOptions(), threads);
        Assert.Contains(report.Findings, finding => finding.Kind == FindingKind.WarpgroupMismatch
            && finding.Message.Contains($"a block of {threads} threads", StringComparison.Ordinal));
    }

    [Fact]
    public void Finding_OfARegisterUnderWay_NamesRegisterAndProduct()
    {
        var (report, _) = Run("accumulator written before the wait", isBroken: true, new VirtualDeviceOptions());
        var finding = Assert.Single(report.Findings);
        Assert.Contains("%f2 belongs to wgmma.mma_async", finding.Message, StringComparison.Ordinal);
        Assert.Equal(4, finding.Count);
    }

    private static (LaunchReport Report, float First) Run(
        string name, bool isBroken, VirtualDeviceOptions options, int threads = WarpgroupText.Threads)
    {
        using var device = new VirtualDevice(options);
        var text = WarpgroupText.Kernel(PtxText.Variant(WarpgroupZoo.Kernels[name].Body, isBroken));
        var kernel = device.Load(text).Kernel("test");
        var (input, fragment, output) =
            (device.Allocate(4096, "in"), device.Allocate(2048, "a"), device.Allocate(8192, "out"));
        var random = new Random(3);
        foreach (var (address, count) in ((ulong, int)[])[(input, 2048), (fragment, 1024)])
        {
            device.Upload<ushort>(Enumerable.Range(0, count).Select(_ => (ushort)(0x3F80 + random.Next(64))).ToArray(), address);
        }

        device.Fill(output, 0, 8192);
        var report = device.Launch(kernel, 1, threads, WarpgroupZoo.SharedBytes, input, fragment, output);
        return (report, device.Download<float>(output, 1)[0]);
    }
}
