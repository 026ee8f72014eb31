using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Counts of single instructions against values worked out by hand, for one warp.</summary>
public class CounterTests
{
    /// <summary>16 bytes a lane in order: 512 bytes read and written, 16 sectors, one pass a quarter of the warp.</summary>
    [Theory]
    [InlineData(16, 1, 512, 16, 16, 4, 4)] // in order
    [InlineData(32, 1, 512, 32, 16, 4, 4)] // every other 16 bytes of memory: half of each sector
    [InlineData(16, 8, 512, 16, 16, 32, 4)] // all lanes of a quarter to one column of the banks
    public void CopyAsync_CountsMemoryAndSharedMemoryEachOnce(
        int from, int to, long bytes, long sectors, long idealSectors, long passes, long idealPasses)
    {
        var copy = Only("cp.async.cg.shared.global", $"""
            .shared .align 128 .b8 tile[4096];
            mad.wide.u32 %rd3, %r0, {from}, %rd0;
            mov.u32 %r1, tile;
            mad.lo.u32 %r1, %r0, {16 * to}, %r1;
            cp.async.cg.shared.global [%r1], [%rd3], 16;
            cp.async.wait_all;
            """);
        Assert.Equal((bytes, bytes, 2 * bytes), (copy.GlobalBytes, copy.SharedBytes, copy.Bytes));
        Assert.Equal((sectors, idealSectors), (copy.GlobalSectors, copy.IdealGlobalSectors));
        Assert.Equal((passes, idealPasses), (copy.SharedWavefronts, copy.IdealSharedWavefronts));
    }

    /// <summary>Lanes 0 … 15 read 16 bytes, lanes 16 … 23 four, the others none; every copy writes 16.</summary>
    [Fact]
    public void CopyAsync_OfPartOfTheSource_CountsWhatIsRead()
    {
        var copy = Only("cp.async.cg.shared.global", """
            .shared .align 128 .b8 tile[512];
            mad.wide.u32 %rd3, %r0, 16, %rd0;
            mov.u32 %r1, tile;
            mad.lo.u32 %r1, %r0, 16, %r1;
            setp.lt.u32 %p0, %r0, 24;
            selp.u32 %r2, 4, 0, %p0;
            setp.lt.u32 %p0, %r0, 16;
            selp.u32 %r2, 16, %r2, %p0;
            cp.async.cg.shared.global [%r1], [%rd3], 16, %r2;
            cp.async.wait_all;
            """);
        Assert.Equal(16 * 16 + 8 * 4, copy.GlobalBytes);
        Assert.Equal(512, copy.SharedBytes);
        Assert.Equal(8 + 8, copy.GlobalSectors);
    }

    /// <summary>Eight rows a matrix, a pass each matrix when the rows lie in different columns of the banks.</summary>
    [Theory]
    [InlineData(16, 4)]
    [InlineData(128, 32)] // rows below each other: all in one column
    [InlineData(144, 4)] // rows shifted by one column each
    public void LoadMatrix_RowPitch_DecidesThePasses(int pitch, long passes)
    {
        var load = Only("ldmatrix.sync.aligned.m8n8.x4.shared.b16", $$"""
            .shared .align 128 .b8 tile[4608];
            mov.u32 %r1, tile;
            mad.lo.u32 %r1, %r0, {{pitch}}, %r1;
            st.shared.v4.b32 [%r1], {%r0, %r0, %r0, %r0};
            bar.warp.sync 0xffffffff;
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r2, %r3, %r4, %r5}, [%r1];
            """);
        Assert.Equal((512L, passes, 4L), (load.SharedBytes, load.SharedWavefronts, load.IdealSharedWavefronts));
    }

    [Theory]
    [InlineData("ld.global.f32", "ld.global.f32 %f0, [%rd3];", 4, 128, 4, 4)]
    [InlineData("ld.global.v2.f32", "ld.global.v2.f32 {%f0, %f1}, [%rd3];", 8, 256, 8, 8)]
    [InlineData("ld.global.v4.f32", "ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd3];", 16, 512, 16, 16)]
    [InlineData("ld.global.v4.f32", "ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd3];", 48, 512, 32, 16)]
    [InlineData("ld.global.f32", "ld.global.f32 %f0, [%rd3];", 0, 128, 1, 1)] // all lanes one word
    [InlineData("ld.global.u8", "ld.global.u8 %r2, [%rd3];", 1, 32, 1, 1)]
    public void LoadGlobal_CountsSectorsOfTheWarp(
        string form, string load, int stride, long bytes, long sectors, long ideal)
    {
        var counts = Only(form, $"mad.wide.u32 %rd3, %r0, {stride}, %rd0;\n{load}");
        Assert.Equal(
            (bytes, sectors, ideal), (counts.GlobalBytes, counts.GlobalSectors, counts.IdealGlobalSectors));
    }

    [Theory]
    [InlineData("ld.shared.v2.f32", "ld.shared.v2.f32 {%f0, %f1}, [%r1];", 8, 2, 2)]
    [InlineData("ld.shared.v4.f32", "ld.shared.v4.f32 {%f0, %f1, %f2, %f3}, [%r1];", 16, 4, 4)]
    [InlineData("ld.shared.v4.f32", "ld.shared.v4.f32 {%f0, %f1, %f2, %f3}, [%r1];", 32, 8, 4)]
    [InlineData("ld.shared.f32", "ld.shared.f32 %f0, [%r1];", 8, 2, 1)]
    [InlineData("ld.shared.f32", "ld.shared.f32 %f0, [%r1];", 0, 1, 1)]
    [InlineData("ld.shared.f32", "ld.shared.f32 %f0, [%r1];", 128, 32, 1)]
    public void LoadShared_Stride_DecidesThePasses(string form, string load, int stride, long passes, long ideal)
    {
        var counts = Only(form, $"""
            .shared .align 128 .b8 tile[4096];
            mov.u32 %r1, tile;
            mad.lo.u32 %r1, %r0, {stride}, %r1;
            {load}
            """);
        Assert.Equal((passes, ideal), (counts.SharedWavefronts, counts.IdealSharedWavefronts));
    }

    /// <summary>An atomic counts the bytes it is about once; those of one address share its sector.</summary>
    [Theory]
    [InlineData(4, 128, 4, 4)]
    [InlineData(0, 128, 1, 1)]
    public void Atomic_CountsItsBytesOnce(int stride, long bytes, long sectors, long ideal)
    {
        var (counts, all) = Run("red.relaxed.gpu.global.add.u32", $"""
            mad.wide.u32 %rd3, %r0, {stride}, %rd1;
            red.relaxed.gpu.global.add.u32 [%rd3], %r0;
            """);
        Assert.Equal(
            (bytes, sectors, ideal), (counts.GlobalBytes, counts.GlobalSectors, counts.IdealGlobalSectors));
        Assert.Equal((0L, bytes), (all.GlobalBytesRead, all.GlobalBytesWritten));
    }

    [Fact]
    public void Profile_OfLaunches_SumsByKernel()
    {
        var profile = new LaunchProfile();
        for (var i = 0; i < 3; i++)
        {
            profile.Add(Launch("mad.wide.u32 %rd3, %r0, 4, %rd0;\nld.global.f32 %f0, [%rd3];"));
        }

        var row = Assert.Single(profile.Rows);
        Assert.Equal(
            ("test", 3L, 3L * 128, 3L * 4), (row.Kernel, row.Launches, row.GlobalBytesRead, row.GlobalSectors));
        Assert.Equal(3, row.Mix["mad"]);
        Assert.Equal((1, 0L), (row.SectorEfficiency, row.BankConflicts));
    }

    private static InstructionCounters Only(string form, string body) => Run(form, body).Counters;

    private static (InstructionCounters Counters, LaunchCounters All) Run(string form, string body)
    {
        var report = Launch(body);
        return (report.Counters.Instructions.Single(i => i.Form == form), report.Counters);
    }

    private static LaunchReport Launch(string body)
    {
        using var device = new VirtualDevice();
        var (a, c) = (device.Allocate(4096, "a"), device.Allocate(4096, "c"));
        device.Fill(a, 0, 4096);
        device.Fill(c, 0, 4096);
        var text = PtxText.Kernel("u64 a, u64 c", $"""
            ld.param.u64 %rd0, [a];
            ld.param.u64 %rd1, [c];
            mov.u32 %r0, %tid.x;
            {body}
            ret;
            """);
        var report = device.Launch(device.Load(text).Kernel("test"), 1, 32, 0, a, c);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        return report;
    }
}
