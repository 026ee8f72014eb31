using FlamingoGpu.Core;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

public class MemoryOperationTests
{
    [Fact]
    public void LoadStore_NarrowTypes_ExtendAndCut()
    {
        var result = Run("""
            ld.global.s8 %r1, [%rd0];
            ld.global.u8 %r2, [%rd0];
            ld.global.s16 %r3, [%rd0];
            ld.global.u16 %r4, [%rd0];
            ld.global.s32 %rd5, [%rd0];
            ld.global.b16 %h1, [%rd0+2];
            st.global.b32 [%rd1], %r1;
            st.global.b32 [%rd1+4], %r2;
            st.global.b32 [%rd1+8], %r3;
            st.global.b32 [%rd1+12], %r4;
            st.global.b64 [%rd1+16], %rd5;
            st.global.u8 [%rd1+24], %r4;
            st.global.b8 [%rd1+25], 7;
            st.global.b16 [%rd1+26], %h1;
            """, BitConverter.GetBytes(0x87F29683u), 28);
        Assert.Equal((-125, 131), (BitConverter.ToInt32(result, 0), BitConverter.ToInt32(result, 4)));
        Assert.Equal(unchecked((short)0x9683), BitConverter.ToInt32(result, 8));
        Assert.Equal(0x9683, BitConverter.ToInt32(result, 12));
        Assert.Equal(unchecked((int)0x87F29683), BitConverter.ToInt64(result, 16));
        Assert.Equal([0x83, 7, 0xF2, 0x87], result[24..28]);
    }

    [Fact]
    public void Spaces_ConstLocalGenericAndParam_HoldTheirOwn()
    {
        const string Text = """
            .version 7.0
            .target sm_80
            .address_size 64
            .const .align 4 .b32 table[4] = {10, 20, 0x1E, 050};
            .global .align 8 .b32 counter[2];
            .visible .entry test(.param .u64 out, .param .align 4 .b8 block[12])
            {
            .reg .b32 %r<12>;
            .reg .b64 %rd<12>;
            .shared .align 4 .b32 pad[3];
            .shared .align 4 .b32 cell[32];
            .local .align 8 .b8 own[16];
            mov.u32 %r0, %tid.x;
            ld.param.u64 %rd0, [out];
            mad.wide.u32 %rd0, %r0, 16, %rd0;
            and.b32 %r1, %r0, 3;
            mov.u64 %rd1, table;
            mad.wide.u32 %rd1, %r1, 4, %rd1;
            ld.const.b32 %r2, [%rd1];
            mov.u32 %r3, own;
            st.local.b32 [%r3+4], %r0;
            st.local.b32 [own], 5;
            ld.local.b32 %r4, [own+4];
            mov.u64 %rd2, cell;
            cvta.shared.u64 %rd3, %rd2;
            mad.wide.u32 %rd3, %r0, 4, %rd3;
            st.b32 [%rd3], %r0;
            mul.wide.u32 %rd4, %r0, 4;
            add.u64 %rd4, %rd4, %rd2;
            ld.shared.b32 %r5, [%rd4];
            ld.param.b32 %r6, [block+8];
            mov.u64 %rd5, counter;
            red.global.add.u32 [%rd5+4], 1;
            st.global.v4.b32 [%rd0], {%r2, %r4, %r5, %r6};
            ret;
            }
            """;
        using var device = new VirtualDevice();
        var module = device.Load(Text);
        var output = device.Allocate(512);
        byte[] block = [0, 0, 0, 0, 0, 0, 0, 0, 0xD2, 4, 0, 0];
        var report = device.Launch(module.Kernel("test"), 1, 32, 0, output, new LaunchArgument(block));
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        var words = device.Download<int>(output, 128);
        int[] table = [10, 20, 30, 40];
        for (var i = 0; i < 32; i++) Assert.Equal([table[i % 4], i, i, 1234], words[(4 * i)..(4 * i + 4)]);
        Assert.Equal(32, device.Download<int>(module.Variable("counter") + 4, 1)[0]);
    }

    [Fact]
    public void Store_ToConst_IsReported()
    {
        const string Text = """
            .version 7.0
            .target sm_80
            .address_size 64
            .const .align 4 .b32 table[4] = {1, 2, 3, 4};
            .visible .entry test()
            {
            .reg .b64 %rd<2>;
            mov.u64 %rd0, table;
            st.global.b32 [%rd0], 9;
            ret;
            }
            """;
        using var device = new VirtualDevice();
        var module = device.Load(Text);
        Assert.Equal(FindingKind.ReadOnlyWrite, Assert.Single(device.Launch(module.Kernel("test"), 1, 1, 0).Findings).Kind);
        Assert.Equal(1, device.Download<int>(module.Variable("table"), 1)[0]);
    }

    [Theory]
    [InlineData("add.u32", 5, 5 + 496)]
    [InlineData("add.s32", -5, -5 + 496)]
    [InlineData("min.s32", -5, -5)]
    [InlineData("min.u32", -5, 0)]
    [InlineData("max.s32", 7, 31)]
    [InlineData("max.u32", -5, -5)]
    [InlineData("or.b32", 64, 95)]
    [InlineData("and.b32", 255, 0)]
    [InlineData("xor.b32", 9, 9)]
    public void Atom_AllLanesOnOneCell_EqualsTheFoldAndReturnsEachOldValueOnce(string form, int start, int expected)
    {
        using var device = new VirtualDevice();
        var module = device.Load(PtxText.Kernel("u64 cell, u64 out", $"""
            ld.param.u64 %rd0, [cell];
            ld.param.u64 %rd1, [out];
            mov.u32 %r0, %tid.x;
            mad.wide.u32 %rd1, %r0, 4, %rd1;
            atom.global.{form} %r1, [%rd0], %r0;
            st.global.b32 [%rd1], %r1;
            ret;
            """));
        var (cell, output) = (device.Allocate(4), device.Allocate(128));
        device.Upload<int>([start], cell);
        Assert.True(device.Launch(module.Kernel("test"), 1, 32, 0, cell, output).IsClean);
        Assert.Equal(expected, device.Download<int>(cell, 1)[0]);
        var old = device.Download<int>(output, 32);
        Assert.Contains(start, old);
        // Adding 0 leaves the value as it is: lane 0 sees what its successor sees, unless it is the last.
        if (form == "add.u32") Assert.InRange(old.Distinct().Count(), 31, 32);
    }

    [Fact]
    public void Atom_IncDecExchCas_FollowTheirRules()
    {
        var result = Run("""
            mov.b32 %r1, 2;
            st.global.b32 [%rd1], 2;
            atom.global.inc.u32 %r2, [%rd1], 3;
            atom.global.inc.u32 %r3, [%rd1], 3;
            atom.global.dec.u32 %r4, [%rd1], 9;
            atom.global.exch.b32 %r5, [%rd1], 77;
            atom.global.cas.b32 %r6, [%rd1], 76, 1;
            atom.global.cas.b32 %r7, [%rd1], 77, 5;
            st.global.v4.b32 [%rd1+16], {%r2, %r3, %r4, %r5};
            st.global.v2.b32 [%rd1+8], {%r6, %r7};
            """, [0], 32, threads: 1);
        Assert.Equal([5, 77, 77, 2, 3, 0, 9], new[] { 0, 8, 12, 16, 20, 24, 28 }.Select(i => BitConverter.ToInt32(result, i)));
    }

    [Fact]
    public void CpAsync_ShortSource_FillsWithZero()
    {
        var result = Run("""
            .shared .align 16 .b8 tile[32];
            mov.u32 %r1, tile;
            mov.u32 %r2, 6;
            cp.async.cg.shared.global [%r1], [%rd0], 16, %r2;
            cp.async.ca.shared.global [%r1+16], [%rd0], 8, 0;
            cp.async.ca.shared.global [%r1+24], [%rd0], 8;
            cp.async.commit_group;
            cp.async.wait_group 0;
            ld.shared.v4.b32 {%r3, %r4, %r5, %r6}, [tile];
            st.global.v4.b32 [%rd1], {%r3, %r4, %r5, %r6};
            ld.shared.v4.b32 {%r3, %r4, %r5, %r6}, [tile+16];
            st.global.v4.b32 [%rd1+16], {%r3, %r4, %r5, %r6};
            """, [1, 2, 3, 4, 5, 6, 7, 8], 32, threads: 1);
        Assert.Equal([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], result);
    }

    [Fact]
    public void ReleaseAcquire_FlagBetweenBlocks_OrdersTheData()
    {
        const string Body = """
            ld.param.u64 %rd0, [data];
            mov.u32 %r0, %ctaid.x;
            setp.ne.u32 %p0, %r0, 0;
            @%p0 bra WAIT;
            st.global.b32 [%rd0+64], 42;
            RELEASE
            bra DONE;
            WAIT:
            ACQUIRE
            setp.eq.u32 %p1, %r1, 0;
            @%p1 bra WAIT;
            ld.global.b32 %r2, [%rd0+64]; // Flag.cs:1
            st.global.b32 [%rd0+128], %r2;
            DONE:
            ret;
            """;
        string Kernel(string release, string acquire) => PtxText.Kernel("u64 data",
            Body.Replace("RELEASE", release, StringComparison.Ordinal).Replace("ACQUIRE", acquire, StringComparison.Ordinal));
        Check(Kernel("st.release.gpu.global.b32 [%rd0], 1;", "ld.acquire.gpu.global.b32 %r1, [%rd0];"), isClean: true);
        Check(Kernel("membar.gl;\nst.relaxed.gpu.global.b32 [%rd0], 1;", "ld.relaxed.gpu.global.b32 %r1, [%rd0];\nmembar.gl;"), isClean: true);
        Check(Kernel("st.relaxed.gpu.global.b32 [%rd0], 1;", "ld.relaxed.gpu.global.b32 %r1, [%rd0];"), isClean: false);
        Check(Kernel("st.release.gpu.global.b32 [%rd0], 1;", "ld.relaxed.gpu.global.b32 %r1, [%rd0];"), isClean: false);

        static void Check(string text, bool isClean)
        {
            for (var seed = 0; seed < 4; seed++)
            {
                using var device = new VirtualDevice(new VirtualDeviceOptions { Seed = seed });
                var data = device.Allocate(256);
                device.Fill(data, 0, 256);
                var report = device.Launch(device.Load(text).Kernel("test"), 2, 1, 0, data);
                if (isClean) Assert.True(report.IsClean, string.Join("\n", report.Findings));
                else Assert.Contains(report.Findings, f => f is { Kind: FindingKind.Race, Source: "Flag.cs:1" });
            }
        }
    }

    [Fact]
    public void FirstUnwrittenByte_AfterAKernelThatSkipsOne_NamesIt()
    {
        using var device = new VirtualDevice();
        var module = device.Load(PtxText.Kernel("u64 out", """
            ld.param.u64 %rd0, [out];
            mov.u32 %r0, %tid.x;
            setp.ne.u32 %p0, %r0, 41;
            mad.wide.u32 %rd0, %r0, 2, %rd0;
            mov.b16 %h0, 7;
            @%p0 st.global.b16 [%rd0], %h0;
            ret;
            """));
        var output = device.Allocate(2 * 77);
        Assert.True(device.Launch(module.Kernel("test"), 1, 77, 0, output).IsClean);
        Assert.Equal(82, device.FirstUnwrittenByte(output, 2 * 77));
        Assert.Equal(-1, device.FirstUnwrittenByte(output + 84, 70));
    }

    [Fact]
    public unsafe void MapHost_KernelReadsHostBytes_WithoutACopy()
    {
        var host = Enumerable.Range(0, 32).Select(i => i * 3).ToArray();
        fixed (int* p = host)
        {
            using var device = new VirtualDevice();
            var mapped = device.MapHost((nint)p, 128);
            var output = device.Allocate(128);
            var module = device.Load(PtxText.Kernel("u64 in, u64 out", """
                ld.param.u64 %rd0, [in];
                ld.param.u64 %rd1, [out];
                mov.u32 %r0, %tid.x;
                mad.wide.u32 %rd0, %r0, 4, %rd0;
                mad.wide.u32 %rd1, %r0, 4, %rd1;
                ld.global.nc.b32 %r1, [%rd0];
                st.global.b32 [%rd1], %r1;
                ret;
                """));
            Assert.True(device.Launch(module.Kernel("test"), 1, 32, 0, mapped, output).IsClean);
            Assert.Equal(host, device.Download<int>(output, 32));
            Assert.Equal(FindingKind.ReadOnlyWrite, device.Launch(module.Kernel("test"), 1, 32, 0, output, mapped).Findings[0].Kind);
            device.Free(mapped);
            Assert.Equal(FindingKind.OutOfBounds, device.Launch(module.Kernel("test"), 1, 32, 0, mapped, output).Findings[0].Kind);
        }
    }

    [Fact]
    public void Launch_WrongShapeOrArguments_IsRefusedWithTheReason()
    {
        using var device = new VirtualDevice();
        var kernel = device.Load(PtxText.Kernel("u64 out", "ret;").Replace(")\n{", ")\n.maxntid 64, 1, 1\n{", StringComparison.Ordinal)).Kernel("test");
        Assert.Contains("1 arguments", Refusal(() => device.Launch(kernel, 1, 32, 0)), StringComparison.Ordinal);
        Assert.Contains("8 bytes", Refusal(() => device.Launch(kernel, 1, 32, 0, 1)), StringComparison.Ordinal);
        Assert.Contains(".maxntid 64", Refusal(() => device.Launch(kernel, 1, 65, 0, 1UL)), StringComparison.Ordinal);
        Assert.Contains("grid", Refusal(() => device.Launch(kernel, 0, 32, 0, 1UL)), StringComparison.Ordinal);
        Assert.Contains("AllowDynamicShared", Refusal(() => device.Launch(kernel, 1, 32, 50_000, 1UL)), StringComparison.Ordinal);
        kernel.AllowDynamicShared(250_000);
        Assert.Contains("do not fit 232448", Refusal(() => device.Launch(kernel, 1, 32, 250_000, 1UL)), StringComparison.Ordinal);
        Assert.True(device.Launch(kernel, 1, 32, 100_000, 1UL).IsClean);

        static string Refusal(Func<LaunchReport> launch) => Assert.Throws<InvalidRequestException>(() => launch()).Message;
    }

    private static byte[] Run(string body, byte[] input, int outputBytes, int threads = 1)
    {
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 2 });
        var module = device.Load(PtxText.Kernel("u64 in, u64 out", $"""
            ld.param.u64 %rd0, [in];
            ld.param.u64 %rd1, [out];
            {body}
            ret;
            """));
        var (source, output) = (device.Allocate(input.Length, "input"), device.Allocate(outputBytes, "output"));
        device.Upload(input, source);
        device.Fill(output, 0, outputBytes);
        var report = device.Launch(module.Kernel("test"), 1, threads, 0, source, output);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        var result = new byte[outputBytes];
        device.Download(output, result);
        return result;
    }
}
