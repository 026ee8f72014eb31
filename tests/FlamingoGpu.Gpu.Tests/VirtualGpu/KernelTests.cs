using FlamingoGpu.Core;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Small whole kernels: right results, no findings, and the counts that their memory layout predicts.</summary>
public class KernelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(443)]
    [InlineData(1024)]
    public void VectorAdd_AnyLength_AddsAndTouchesEveryByteOnce(int count)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 4 });
        var kernel = device.Load(PtxText.Kernel("u64 a, u64 b, u64 c, u32 n", """
            ld.param.u64 %rd0, [a];
            ld.param.u64 %rd1, [b];
            ld.param.u64 %rd2, [c];
            ld.param.u32 %r3, [n];
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, %ctaid.x;
            mov.u32 %r2, %ntid.x;
            mad.lo.u32 %r0, %r1, %r2, %r0;
            setp.ge.u32 %p0, %r0, %r3;
            @%p0 bra DONE;
            mad.wide.u32 %rd0, %r0, 4, %rd0;
            mad.wide.u32 %rd1, %r0, 4, %rd1;
            mad.wide.u32 %rd2, %r0, 4, %rd2;
            ld.global.f32 %f0, [%rd0];
            ld.global.f32 %f1, [%rd1];
            add.f32 %f2, %f0, %f1;
            st.global.f32 [%rd2], %f2;
            DONE:
            ret;
            """)).Kernel("test");
        var a = Enumerable.Range(0, count).Select(i => i * 0.5f).ToArray();
        var (pa, pb, pc) = (Upload(device, a), Upload(device, a), device.Allocate(4 * count));
        var report = device.Launch(kernel, (count + 127) / 128, 128, 0, pa, pb, pc, count);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        Assert.Equal(a.Select(x => x + x), device.Download<float>(pc, count));
        Assert.Equal(8L * count, report.Counters.GlobalBytesRead);
        Assert.Equal(4L * count, report.Counters.GlobalBytesWritten);
        Assert.Equal(1, report.Counters.SectorEfficiency);
        Assert.Equal(3L * ((count + 7) / 8), report.Counters.GlobalSectors);
    }

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(8, 0.125)]
    [InlineData(31, 0.125)]
    public void StridedLoad_SectorEfficiency_IsTheShareUsed(int stride, double efficiency)
    {
        using var device = new VirtualDevice();
        var kernel = device.Load(PtxText.Kernel("u64 a, u64 c", $"""
            ld.param.u64 %rd0, [a];
            ld.param.u64 %rd2, [c];
            mov.u32 %r0, %tid.x;
            mad.wide.u32 %rd0, %r0, {4 * stride}, %rd0;
            ld.global.f32 %f0, [%rd0]; // Strided.cs:1
            mad.wide.u32 %rd2, %r0, 4, %rd2;
            st.global.f32 [%rd2], %f0;
            ret;
            """)).Kernel("test");
        var report = device.Launch(kernel, 1, 32, 0, Upload(device, new float[1024]), device.Allocate(128));
        var load = report.Counters.Instructions.Single(i => i.Source == "Strided.cs:1" && i.Form == "ld.global.f32");
        Assert.Equal(efficiency, load.IdealGlobalSectors / (double)load.GlobalSectors);
    }

    [Fact]
    public void BlockReduction_OddLength_EqualsTheSum()
    {
        const int Count = 1003;
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 6 });
        var kernel = device.Load(PtxText.Kernel("u64 a, u64 c, u32 n", """
            .shared .align 4 .f32 parts[8];
            ld.param.u64 %rd0, [a];
            ld.param.u64 %rd1, [c];
            ld.param.u32 %r9, [n];
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, %r0;
            mov.f32 %f0, 0f00000000;
            LOOP:
            setp.ge.u32 %p0, %r1, %r9;
            @%p0 bra SUMMED;
            mad.wide.u32 %rd2, %r1, 4, %rd0;
            ld.global.f32 %f1, [%rd2];
            add.f32 %f0, %f0, %f1;
            add.u32 %r1, %r1, 256;
            bra LOOP;
            SUMMED:
            mov.b32 %r2, %f0;
            shfl.sync.bfly.b32 %r3, %r2, 16, 31, 0xffffffff;
            mov.b32 %f1, %r3;
            add.f32 %f0, %f0, %f1;
            mov.b32 %r2, %f0;
            shfl.sync.bfly.b32 %r3, %r2, 8, 31, 0xffffffff;
            mov.b32 %f1, %r3;
            add.f32 %f0, %f0, %f1;
            mov.b32 %r2, %f0;
            shfl.sync.bfly.b32 %r3, %r2, 4, 31, 0xffffffff;
            mov.b32 %f1, %r3;
            add.f32 %f0, %f0, %f1;
            mov.b32 %r2, %f0;
            shfl.sync.bfly.b32 %r3, %r2, 2, 31, 0xffffffff;
            mov.b32 %f1, %r3;
            add.f32 %f0, %f0, %f1;
            mov.b32 %r2, %f0;
            shfl.sync.bfly.b32 %r3, %r2, 1, 31, 0xffffffff;
            mov.b32 %f1, %r3;
            add.f32 %f0, %f0, %f1;
            mov.u32 %r4, parts;
            mov.u32 %r5, %warpid;
            mad.lo.u32 %r6, %r5, 4, %r4;
            mov.u32 %r7, %laneid;
            setp.eq.u32 %p1, %r7, 0;
            @%p1 st.shared.f32 [%r6], %f0;
            bar.sync 0;
            setp.ne.u32 %p2, %r0, 0;
            @%p2 bra DONE;
            ld.shared.v4.f32 {%f1, %f2, %f3, %f4}, [%r4];
            ld.shared.v4.f32 {%f5, %f6, %f7, %f8}, [%r4+16];
            add.f32 %f1, %f1, %f2;
            add.f32 %f3, %f3, %f4;
            add.f32 %f5, %f5, %f6;
            add.f32 %f7, %f7, %f8;
            add.f32 %f1, %f1, %f3;
            add.f32 %f5, %f5, %f7;
            add.f32 %f1, %f1, %f5;
            st.global.f32 [%rd1], %f1;
            DONE:
            ret;
            """.Replace(".align 4 .f32 parts", ".align 16 .f32 parts", StringComparison.Ordinal))).Kernel("test");
        var a = Enumerable.Range(0, Count).Select(i => (float)(i % 17)).ToArray();
        var c = device.Allocate(4);
        var report = device.Launch(kernel, 1, 256, 0, Upload(device, a), c, Count);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        Assert.Equal(a.Sum(), device.Download<float>(c, 1)[0]);
    }

    /// <summary>A column of a 32-wide tile hits one bank 32 times; one word of padding spreads it over all banks.</summary>
    [Theory]
    [InlineData(32, 31)]
    [InlineData(33, 0)]
    [InlineData(34, 1)]
    public void TiledTranspose_RowPitch_DecidesTheBankConflicts(int pitch, int conflictsPerWarp)
    {
        const int Size = 64;
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 3 });
        var kernel = device.Load(PtxText.Kernel("u64 a, u64 c", $"""
            .shared .align 16 .f32 tile[{32 * pitch}];
            ld.param.u64 %rd0, [a];
            ld.param.u64 %rd1, [c];
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, %tid.y;
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ctaid.y;
            mad.lo.u32 %r4, %r2, 32, %r0;
            mad.lo.u32 %r5, %r3, 32, %r1;
            mad.lo.u32 %r6, %r5, {Size}, %r4;
            mad.wide.u32 %rd2, %r6, 4, %rd0;
            ld.global.f32 %f0, [%rd2];
            mov.u32 %r7, tile;
            mad.lo.u32 %r8, %r1, {pitch}, %r0;
            mad.lo.u32 %r8, %r8, 4, %r7;
            st.shared.f32 [%r8], %f0;
            bar.sync 0;
            mad.lo.u32 %r9, %r0, {pitch}, %r1;
            mad.lo.u32 %r9, %r9, 4, %r7;
            ld.shared.f32 %f1, [%r9];
            mad.lo.u32 %r10, %r3, 32, %r0;
            mad.lo.u32 %r11, %r2, 32, %r1;
            mad.lo.u32 %r12, %r11, {Size}, %r10;
            mad.wide.u32 %rd3, %r12, 4, %rd1;
            st.global.f32 [%rd3], %f1;
            ret;
            """)).Kernel("test");
        var a = Enumerable.Range(0, Size * Size).Select(i => (float)i).ToArray();
        var c = device.Allocate(4 * Size * Size);
        var report = device.Launch(kernel, new Dim3(2, 2), new Dim3(32, 32), 0, Upload(device, a), c);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        var result = device.Download<float>(c, Size * Size);
        for (var i = 0; i < a.Length; i++) Assert.Equal(a[(i % Size * Size) + (i / Size)], result[i]);
        Assert.Equal(4L * 32 * conflictsPerWarp, report.Counters.BankConflicts);
        Assert.Equal(1, report.Counters.SectorEfficiency);
    }

    /// <summary>C = A·Bᵀ with 16 × 8 tiles, a two-stage cp.async ring, ldmatrix and mma; the ring wraps several times.</summary>
    [Theory]
    [InlineData(16, 8, 16)]
    [InlineData(32, 24, 112)]
    public void TensorCoreGemm_RingOfTwoStages_EqualsThePlainProduct(int m, int n, int k)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 4 });
        var module = device.Load(GemmText.Text(k, n));
        var random = new Random(1);
        var a = Enumerable.Range(0, m * k).Select(_ => (float)random.Next(-3, 4)).ToArray();
        var b = Enumerable.Range(0, n * k).Select(_ => (float)random.Next(-3, 4)).ToArray();
        var (pa, pb) = (UploadBrain(device, a), UploadBrain(device, b));
        var c = device.Allocate(4 * m * n);
        var report = device.Launch(module.Kernel("gemm"), new Dim3(n / 8, m / 16), 32, 0, pa, pb, c);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        var result = device.Download<float>(c, m * n);
        for (var i = 0; i < m * n; i++)
        {
            Assert.Equal(Enumerable.Range(0, k).Sum(j => a[(i / n * k) + j] * b[(i % n * k) + j]), result[i]);
        }

        Assert.Equal(k / 16 * (m / 16) * (n / 8), report.Counters.Mix["mma"]);
        Assert.InRange(report.Occupancy.RegistersPerThread, 20, 60);
    }

    [Theory]
    [InlineData("cp.async.wait_group 1;", FindingKind.MissingWait)]
    [InlineData("bar.warp.sync 0xffffffff; // between", FindingKind.Race)]
    [InlineData("bar.warp.sync 0xffffffff; // before refill", FindingKind.Race)]
    public void TensorCoreGemm_WithoutOneOfItsWaits_IsReported(string line, FindingKind kind)
    {
        var text = GemmText.Text(112, 8);
        Assert.Contains(line, text, StringComparison.Ordinal);
        using var device = new VirtualDevice();
        var module = device.Load(text.Replace(line, "", StringComparison.Ordinal));
        var (pa, pb) = (UploadBrain(device, new float[16 * 112]), UploadBrain(device, new float[8 * 112]));
        var report = device.Launch(module.Kernel("gemm"), 1, 32, 0, pa, pb, device.Allocate(4 * 128));
        Assert.Contains(report.Findings, f => f.Kind == kind);
    }

    private static ulong Upload(VirtualDevice device, float[] values)
    {
        var address = device.Allocate(4 * values.Length);
        device.Upload<float>(values, address);
        return address;
    }

    private static ulong UploadBrain(VirtualDevice device, float[] values)
    {
        var address = device.Allocate(2 * values.Length);
        device.Upload<ushort>(values.Select(BFloat16.FromSingle).ToArray(), address);
        return address;
    }
}
