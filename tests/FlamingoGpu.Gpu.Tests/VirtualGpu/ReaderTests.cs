using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Of several readers of one place none may be forgotten: whatever order a seed gives, the race shows.</summary>
public class ReaderTests
{
    private const int Seeds = 12;

    /// <summary>Warps 0 and 1 read in one phase; named barrier 1 tells warp 2 of one of them only, then it writes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_AfterOneOfTwoReadersOfTheBlock_IsARace(bool waitsForBoth)
    {
        var threads = waitsForBoth ? 96 : 64;
        var text = PtxText.Kernel("u64 x, u64 y", $"""
            ld.param.u64 %rd0, [x];
            ld.param.u64 %rd1, [y];
            mov.u32 %r0, %tid.x;
            shr.u32 %r1, %r0, 5;
            mul.wide.u32 %rd2, %r0, 4;
            add.u64 %rd1, %rd1, %rd2;
            setp.eq.u32 %p0, %r1, 2;
            @%p0 bra WRITER;
            ld.global.f32 %f0, [%rd0];
            st.global.f32 [%rd1], %f0;
            setp.eq.u32 %p1, %r1, {(waitsForBoth ? 7 : 1)};
            @%p1 bra DONE;
            bar.sync 1, {threads};
            bra DONE;
            WRITER:
            bar.sync 1, {threads};
            mov.f32 %f1, 0f3F800000;
            and.b32 %r2, %r0, 31;
            setp.eq.u32 %p2, %r2, 0;
            @%p2 st.global.f32 [%rd0], %f1; // Readers.cs:1
            DONE:
            ret;
            """);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var findings = Launch(text, 1, 96, seed);
            if (waitsForBoth) Assert.Empty(findings);
            else Assert.Contains(findings, f => f.Kind == FindingKind.Race);
        }
    }

    /// <summary>
    /// Blocks 0 and 1 read x; block 0 (or both) counts up behind a fence; block 2 waits for the count, then writes x.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_AfterOneOfTwoReadingBlocks_IsARace(bool bothTell)
    {
        var text = PtxText.Kernel("u64 x, u64 y", $"""
            ld.param.u64 %rd0, [x];
            ld.param.u64 %rd1, [y];
            mov.u32 %r1, %ctaid.x;
            setp.eq.u32 %p0, %r1, 2;
            @%p0 bra WRITER;
            ld.global.f32 %f0, [%rd0];
            mul.wide.u32 %rd2, %r1, 4;
            add.u64 %rd2, %rd2, %rd1;
            st.global.f32 [%rd2+16], %f0;
            setp.eq.u32 %p1, %r1, {(bothTell ? 7 : 1)};
            @%p1 bra DONE;
            fence.acq_rel.gpu;
            mov.u32 %r3, 1;
            red.relaxed.gpu.global.add.u32 [%rd1], %r3;
            bra DONE;
            WRITER:
            ld.relaxed.gpu.global.u32 %r4, [%rd1];
            setp.lt.u32 %p2, %r4, {(bothTell ? 2 : 1)};
            @%p2 bra WRITER;
            fence.acq_rel.gpu;
            mov.f32 %f1, 0f3F800000;
            st.global.f32 [%rd0], %f1; // Readers.cs:1
            DONE:
            ret;
            """);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var findings = Launch(text, 3, 1, seed);
            if (bothTell) Assert.Empty(findings);
            else Assert.Contains(findings, f => f.Kind == FindingKind.Race);
        }
    }

    private static IReadOnlyList<Finding> Launch(string text, int blocks, int threads, int seed)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { Seed = seed, InstructionBudget = 1_000_000 });
        var x = device.Allocate(16, "x");
        var y = device.Allocate(1024, "y");
        device.Fill(x, 0, 16);
        device.Fill(y, 0, 1024);
        return device.Launch(device.Load(text).Kernel("test"), blocks, threads, 0, x, y).Findings;
    }
}
