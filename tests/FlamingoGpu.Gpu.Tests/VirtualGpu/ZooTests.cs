using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>
/// Small kernels with one known bug each: the check meant for it must speak, at the line marked // Zoo.cs:1, and the
/// corrected twin must be clean under several seeds.
/// </summary>
public class ZooTests
{
    private const int Seeds = 6;

    public static TheoryData<string> Names => [.. Zoo.Kernels.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_BrokenKernel_IsReportedByItsCheckAtItsLine(string name)
    {
        var kernel = Zoo.Kernels[name];
        var kinds = new List<FindingKind>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var report = Run(kernel, isBroken: true, new VirtualDeviceOptions { Seed = seed, SeedCount = kernel.Kind == FindingKind.Nondeterminism ? 4 : 1, InstructionBudget = 200_000 });
            kinds.AddRange(report.Findings.Where(f => f.Kind == kernel.Kind && (f.Source == "Zoo.cs:1" || kernel.Kind == FindingKind.Nondeterminism)).Select(f => f.Kind));
        }

        // A schedule may hide a race; no bug may hide from all schedules, and the deterministic ones from none.
        var isScheduleBound = kernel.Kind is FindingKind.Race or FindingKind.Nondeterminism;
        Assert.True(isScheduleBound ? kinds.Count > 0 : kinds.Count >= Seeds,
            $"{name}: {kernel.Kind} was reported {kinds.Count} times in {Seeds} seeds");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Launch_CorrectedTwin_IsClean(string name)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var report = Run(Zoo.Kernels[name], isBroken: false, new VirtualDeviceOptions { Seed = seed, SeedCount = 2 });
            Assert.True(report.IsClean, string.Join("\n", report.Findings));
        }
    }

    [Fact]
    public void Findings_OfABrokenKernel_NameBlockWarpLaneAndAddress()
    {
        var report = Run(Zoo.Kernels["out-of-bounds tail"], isBroken: true, new VirtualDeviceOptions());
        var finding = Assert.Single(report.Findings);
        Assert.Equal("test", finding.Kernel);
        Assert.Equal(0, finding.Block);
        Assert.Equal(3, finding.Warp);
        Assert.Equal(4, finding.Lane);
        Assert.NotEqual(0UL, finding.Address);
        Assert.Equal(28, finding.Count);
        Assert.Contains("'output', which has 400 bytes", finding.Message, StringComparison.Ordinal);
    }

    private static LaunchReport Run(ZooKernel kernel, bool isBroken, VirtualDeviceOptions options)
    {
        using var device = new VirtualDevice(options);
        var module = device.Load(PtxText.Kernel("u64 in, u64 out, u32 n", PtxText.Variant(kernel.Body, isBroken)));
        const int Count = 100;
        var input = device.Allocate(4 * 4096, "input");
        device.Upload<float>(Enumerable.Range(0, 4096).Select(i => (float)i).ToArray(), input);
        var output = device.Allocate(kernel.OutputBytes, "output");
        if (kernel.ZeroesOutput) device.Fill(output, 0, kernel.OutputBytes);
        return device.Launch(module.Kernel("test"), kernel.Grid, kernel.Block, 0, input, output, Count);
    }
}
