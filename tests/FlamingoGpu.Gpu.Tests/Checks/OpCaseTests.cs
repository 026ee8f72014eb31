using FlamingoGpu.Checks;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Gpu.Tests.Checks;

/// <summary>
/// Every kernel of the project on the virtual GPU: results, findings under two schedules, and counted lints.
/// </summary>
public class OpCaseTests
{
    public static TheoryData<string> Ops => [.. OpCases.All.Select(@case => @case.Op.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Ops))]
    public void Cases_OnTheVirtualGpu_AgreeWithTheCpuAndKeepTheLints(string op)
    {
        using var runner = CaseRunner.OnVirtualGpu(seeds: 2);
        var report = CheckReport.Of(runner, OpCases.All.Where(@case => @case.Op.Name == op));
        var wrong = report.Results.Where(result => result.Problem is not null)
            .Select(result => $"{result.Case}: {result.Problem}")
            .Concat(report.Results.SelectMany(result => result.Findings).Select(finding => finding.ToString()))
            .Concat(report.Lints.Select(lint => $"{lint.Case}: {lint.Problem}")).ToList();
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    /// <summary>A kernel's text names the C# file of its variant, one type a file.</summary>
    [Fact]
    public void Cases_ReachEveryKernelVariant()
    {
        var texts = KernelCatalog.Of(OpCases.All).Kernels.Select(item => item.Launch.Kernel.Text).ToList();
        var variants = typeof(Op).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IKernelVariant)) && !type.IsInterface);
        Assert.NotEmpty(variants);
        var missing = variants.Select(type => type.Name)
            .Where(name => !texts.Exists(text => text.Contains($" {name}.cs:", StringComparison.Ordinal))).ToList();
        Assert.True(missing.Count == 0, string.Join(", ", missing));
    }

    /// <summary>What large shapes choose is assembled with the rest, before a model first needs it.</summary>
    [Fact]
    public void LargeCases_ReachEveryTile()
    {
        var catalog = KernelCatalog.Of(OpCases.Matching(null, withLarge: true));
        var names = catalog.Kernels.Select(item => item.Launch.Kernel.Name).ToList();
        Assert.Empty(catalog.Unsupported);
        Assert.All(GemmTiles.All, tile => Assert.Contains(
            names, name => name.StartsWith($"gemm_tensor_{tile}_", StringComparison.Ordinal)));
        Assert.All(WarpgroupTiles.All, tile => Assert.Contains(
            names, name => name.StartsWith($"gemm_warpgroup_{tile}_", StringComparison.Ordinal)));
        Assert.Contains(names, name => name.EndsWith("_128x32", StringComparison.Ordinal));
        Assert.Contains(names, name => name.StartsWith("gemm_tensor_128x128x64x3_bf16_8b", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_AreUnique() =>
        Assert.Empty(OpCases.Matching(null, withLarge: true).GroupBy(@case => @case.Name).Where(group => group.Count() > 1)
            .Select(group => group.Key));

    [Fact]
    public void Cases_TakeEveryOp()
    {
        var ops = typeof(Op).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Op)) && !type.IsAbstract);
        Assert.Empty(ops.Except(OpCases.All.Select(@case => @case.Op.GetType())).Select(type => type.Name));
    }
}
