using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Conformance.Gpu;

/// <summary>
/// What the attention kernels do to memory at aligned sizes, counted: no bank of shared memory is met twice, every byte of
/// every sector is asked for.
/// </summary>
public sealed class GpuAttentionCounts : OpConformance<VirtualTarget>
{
    [Theory]
    [InlineData(64, 2, 64, DType.BF16, DType.BF16)]
    [InlineData(256, 8, 64, DType.BF16, DType.BF16)]
    [InlineData(64, 2, 80, DType.F16, DType.F16)]
    [InlineData(256, 8, 80, DType.F16, DType.F16)]
    [InlineData(64, 2, 96, DType.BF16, DType.F32)]
    [InlineData(256, 8, 96, DType.BF16, DType.F32)]
    [InlineData(64, 2, 128, DType.BF16, DType.BF16)]
    [InlineData(256, 8, 128, DType.BF16, DType.BF16)]
    [InlineData(64, 2, 64, DType.F32, DType.F32)]
    [InlineData(64, 2, 80, DType.F32, DType.F32)]
    [InlineData(64, 2, 128, DType.F32, DType.F32)]
    public void Attention_AlignedSizes_UsesBanksAndSectorsFully(int queries, int heads, int dim, DType input, DType output)
    {
        var q = Place(HostTensor.Uniform(1, [1, queries, heads * dim], dtype: input));
        var k = Place(HostTensor.Uniform(2, [1, 192, heads * dim], dtype: input));
        Counted(new Attention(heads, dim, 0.1f) { OutputType = output }, q, k, k);
    }

    private void Counted(Op op, params BoundTensor[] inputs)
    {
        var target = (VirtualTarget)Target;
        var reports = new List<LaunchReport>();
        target.Driver.Launched = reports.Add;
        Run(op, inputs, out var variant);
        target.Driver.Launched = null;
        foreach (var report in reports)
        {
            var c = report.Counters;
            Console.WriteLine($"{report.Kernel}: regs {((GpuKernels)target.Kernels).Built[report.Kernel].RegisterEstimate} instr {((GpuKernels)target.Kernels).Built[report.Kernel].InstructionCount} conflicts {c.BankConflicts} eff {c.SectorEfficiency} bytes {c.GlobalBytesRead}+{c.GlobalBytesWritten} warpinstr {c.WarpInstructions} occ {report.Occupancy}");
            foreach (var i in c.Instructions.Where(i => i.SharedWavefronts > i.IdealSharedWavefronts)) Console.WriteLine($"   {i.Form} {i.Source} x{i.WarpExecutions} wave {i.SharedWavefronts} ideal {i.IdealSharedWavefronts}");
            foreach (var i in c.Instructions.Where(i => i.GlobalSectors > i.IdealGlobalSectors)) Console.WriteLine($"   {i.Form} {i.Source} x{i.WarpExecutions} sec {i.GlobalSectors} ideal {i.IdealGlobalSectors}");
            Console.WriteLine("   " + string.Join(" ", c.Mix.OrderByDescending(p => p.Value).Take(14).Select(p => $"{p.Key}:{p.Value}")));
        }
    }
}
