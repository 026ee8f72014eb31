using FlamingoGpu.Checks;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Checks;

/// <summary>The comparison itself is checked: each kind of fault is reported, a correct kernel is not.</summary>
public class CaseRunnerTests
{
    private static readonly OpCase Copy =
        new("copy", new Activate(Activation.None), [CaseInput.Of(DType.F32, [33, 31])]);

    [Fact]
    public void Run_CorrectKernel_IsGood()
    {
        var result = Run(WrongKernels.Fault.None, Copy with { IsAligned = true, IsMemoryBound = true });
        Assert.Null(result.Problem);
        Assert.Empty(result.Findings);
        Assert.Equal(0, result.WorstRatio);
        Assert.Empty(Lints.Of(result));
    }

    [Fact]
    public void Run_ValuesOutsideTheBound_NamesTheWorstElement() => Assert.Contains(
        "times the bound", Run(WrongKernels.Fault.Value, Copy).Problem, StringComparison.Ordinal);

    [Fact]
    public void Run_ElementNeverWritten_IsAMismatch() => Assert.Contains(
        "element 1022 is NaN", Run(WrongKernels.Fault.LeavesOut, Copy).Problem, StringComparison.Ordinal);

    [Fact]
    public void Run_WriteBehindTheOutput_IsDamage() => Assert.Contains(
        "byte 4092 from the start of the output", Run(WrongKernels.Fault.WritesBehind, Copy).Problem,
            StringComparison.Ordinal);

    [Fact]
    public void Run_Race_IsFound() => Assert.Contains(
        Run(WrongKernels.Fault.Race, Copy).Findings, finding => finding.Kind == FindingKind.Race);

    [Fact]
    public void Run_NoTensorCores_IsAProblemWhereTheyAreNeeded() => Assert.Contains(
        "no tensor cores", Run(WrongKernels.Fault.None, Copy with { NeedsTensorCores = true }).Problem,
            StringComparison.Ordinal);

    [Fact]
    public void Lints_ScatteredAccess_NamesTheLine() => Assert.Contains(
        "WrongKernels.cs", Assert.Single(Lints.Of(Run(WrongKernels.Fault.Strided, Copy with { IsAligned = true }))),
            StringComparison.Ordinal);

    [Fact]
    public void Lints_EveryByteReadTwice_IsTooMuch()
    {
        // beyond what stays in caches
        var large = Copy with { Inputs = [CaseInput.Of(DType.F32, [130, 256])], IsMemoryBound = true };
        var result = Run(WrongKernels.Fault.ReadsTwice, large);
        Assert.Contains("× the least bytes", Assert.Single(Lints.Of(result)), StringComparison.Ordinal);
        Assert.InRange(Lints.BytesRatio(result), 1.4, 2.4);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void Lints_BankConflictsInTheMainLoop_AreFound(int stride, bool conflicts)
    {
        var product = new OpCase(
            "product", new MatMul(default), [CaseInput.Of(DType.F32, [32, 32]), CaseInput.Of(DType.F32, [32, 32])])
        {
            IsAligned = true,
        };
        var device = new GpuDevice(new VirtualDriver { ThrowsOnFindings = false });
        using var runner = new CaseRunner(device, new StridedProduct(device, stride));
        var result = runner.Run(product);
        Assert.Null(result.Problem);
        var lints = Lints.Of(result).ToList();
        if (!conflicts) Assert.Empty(lints);
        else Assert.Contains(
            $"{32 * 32 * 31} bank conflicts in the main loop", Assert.Single(lints), StringComparison.Ordinal);
    }

    [Fact]
    public void MainLoop_OfAProduct_IsTheLoopWithTheProducts()
    {
        var loop = new MainLoop(
            "mov\n$a:\n add\n @%p0 bra $a;\n$b:\n mma.sync.aligned\n @!%p1 bra $b;\n bra $end;\n$end:\n");
        Assert.Equal([5, 6, 7], Enumerable.Range(1, 9).Where(loop.Holds));
    }

    [Theory]
    [InlineData(0, "ptxas info : 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads", null)]
    [InlineData(0, "ptxas info : 8 bytes stack frame, 12 bytes spill stores, 0 bytes spill loads",
        "12 bytes spill stores")]
    [InlineData(16, "", "16 bytes of local memory")]
    [InlineData(0, "line\nptxas info (C7508): Potential Performance Loss: setmaxnreg\nline", "C7508")]
    public void Judge_AssemblerOutput_FindsWhatCostsSpeed(int local, string log, string? problem)
    {
        var actual = Assembly.Judge(local, log);
        if (problem is null) Assert.Null(actual);
        else Assert.Contains(problem, actual, StringComparison.Ordinal);
    }

    private static CaseResult Run(WrongKernels.Fault fault, OpCase @case)
    {
        var device = new GpuDevice(
            new VirtualDriver(new VirtualDeviceOptions { SeedCount = 2 }) { ThrowsOnFindings = false });
        using var runner = new CaseRunner(device, new WrongKernels(device, fault));
        return runner.Run(@case);
    }
}
