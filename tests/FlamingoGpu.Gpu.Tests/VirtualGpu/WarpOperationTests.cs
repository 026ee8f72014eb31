using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

public class WarpOperationTests
{
    public static TheoryData<string, int, int> Shuffles
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (var mode in new[] { "up", "down", "bfly", "idx" })
            {
                foreach (var width in new[] { 32, 16, 8, 2 })
                {
                    foreach (var delta in new[] { 0, 1, 3, 7, 16, 31 }) data.Add(mode, width, delta);
                }
            }

            return data;
        }
    }

    /// <summary>The oracle is CUDA's description of the shuffles by segments, not the ISA's clamp arithmetic.</summary>
    [Theory]
    [MemberData(nameof(Shuffles))]
    public void Shfl_Segments_TakeFromTheLaneCudaSays(string mode, int width, int delta)
    {
        var clamp = ((32 - width) << 8) | (mode == "up" ? 0 : 31);
        var result = Run($"shfl.sync.{mode}.b32 %r2|%p1, %r1, {delta}, {clamp}, 0xffffffff;\nselp.b32 %r3, 1, 0, %p1;", Enumerable.Range(100, 32).ToArray(), 2);
        for (var lane = 0; lane < 32; lane++)
        {
            var start = lane / width * width;
            var (from, isValid) = mode switch
            {
                "up" => (lane - delta, lane - delta >= start),
                "down" => (lane + delta, lane + delta < start + width),
                "bfly" => (lane ^ delta, (lane ^ delta) < start + width),
                _ => (start + (delta % width), true),
            };
            Assert.Equal(100 + (isValid ? from : lane), result[lane][0]);
            Assert.Equal(isValid ? 1 : 0, result[lane][1]);
        }
    }

    [Fact]
    public void Vote_AllModes_EqualTheirMeaning()
    {
        var values = Enumerable.Range(0, 32).ToArray();
        const string Body = """
            setp.lt.s32 %p1, %r1, 20;
            setp.ge.s32 %p2, %r1, 0;
            vote.sync.ballot.b32 %r2, %p1, 0xffffffff;
            vote.sync.all.pred %p3, %p2, 0xffffffff;
            vote.sync.any.pred %p4, !%p2, 0xffffffff;
            vote.sync.uni.pred %p5, %p1, 0xffffffff;
            selp.b32 %r3, 1, 0, %p3;
            selp.b32 %r4, 1, 0, %p4;
            selp.b32 %r5, 1, 0, %p5;
            """;
        foreach (var row in Run(Body, values, 4)) Assert.Equal([0xFFFFF, 1, 0, 0], row);
    }

    [Fact]
    public void MatchAndRedux_RepeatedValues_EqualAPlainSearch()
    {
        var values = Enumerable.Range(0, 32).Select(i => (i * 7 % 5) - 2).ToArray();
        const string Body = """
            match.any.sync.b32 %r2, %r1, 0xffffffff;
            redux.sync.add.s32 %r3, %r1, 0xffffffff;
            redux.sync.min.s32 %r4, %r1, 0xffffffff;
            redux.sync.max.u32 %r5, %r1, 0xffffffff;
            redux.sync.xor.b32 %r6, %r1, 0xffffffff;
            match.all.sync.b32 %r7|%p1, %r1, 0xffffffff;
            selp.b32 %r8, 1, 0, %p1;
            """;
        var result = Run(Body, values, 7);
        for (var lane = 0; lane < 32; lane++)
        {
            var same = Enumerable.Range(0, 32).Where(i => values[i] == values[lane]).Aggregate(0u, (m, i) => m | (1u << i));
            Assert.Equal([(int)same, values.Sum(), values.Min(), (int)values.Max(v => (uint)v), values.Aggregate((a, b) => a ^ b), 0, 0], result[lane]);
        }
    }

    [Fact]
    public void Branch_NestedDivergence_MeetsAgainAndLoopsByLane()
    {
        // Collatz steps: every lane leaves the loop at another time; the sum of all needs all lanes back together.
        const string Body = """
            mov.b32 %r2, 0;
            LOOP:
            setp.eq.s32 %p1, %r1, 1;
            @%p1 bra OUT;
            and.b32 %r3, %r1, 1;
            setp.eq.s32 %p2, %r3, 0;
            @%p2 bra EVEN;
            mad.lo.s32 %r1, %r1, 3, 1;
            bra.uni NEXT;
            EVEN:
            shr.u32 %r1, %r1, 1;
            NEXT:
            add.s32 %r2, %r2, 1;
            bra.uni LOOP;
            OUT:
            redux.sync.add.s32 %r3, %r2, 0xffffffff;
            activemask.b32 %r4;
            """;
        var starts = Enumerable.Range(1, 32).ToArray();
        var steps = starts.Select(start =>
        {
            var count = 0;
            for (var v = start; v != 1; count++) v = v % 2 == 0 ? v / 2 : (3 * v) + 1;
            return count;
        }).ToArray();
        var result = Run(Body, starts, 3);
        for (var lane = 0; lane < 32; lane++) Assert.Equal([steps[lane], steps.Sum(), -1], result[lane]);
    }

    [Fact]
    public void Barrier_NamedAndReducing_ExchangesBetweenSubsetsOfWarps()
    {
        // Warps 0 and 1 hand over to warps 2 and 3 through barrier 3: arrive and sync, 128 threads in all.
        const string Body = """
            .shared .align 4 .b32 slot[128];
            mov.u32 %r20, slot;
            mad.lo.u32 %r21, %r0, 4, %r20;
            setp.lt.u32 %p1, %r0, 64;
            @!%p1 bra TAKE;
            st.shared.b32 [%r21], %r1;
            bar.arrive 3, 128;
            mov.b32 %r2, -1;
            bra JOIN;
            TAKE:
            bar.sync 3, 128;
            ld.shared.b32 %r2, [%r21+-256];
            JOIN:
            setp.lt.s32 %p2, %r1, 50;
            bar.red.popc.u32 %r3, 0, %p2;
            bar.red.or.pred %p3, 1, !%p2;
            bar.red.and.pred %p4, 1, %p1;
            selp.b32 %r4, 1, 0, %p3;
            selp.b32 %r5, 1, 0, %p4;
            """;
        var result = Run(Body, Enumerable.Range(0, 128).ToArray(), 4, threads: 128);
        for (var thread = 0; thread < 128; thread++) Assert.Equal([thread < 64 ? -1 : thread - 64, 50, 1, 0], result[thread]);
    }

    /// <summary>Each thread loads its value into %r1, the body computes %r2 …, which are stored.</summary>
    private static int[][] Run(string body, int[] values, int results, int threads = 32)
    {
        var stores = string.Join("\n", Enumerable.Range(0, results).Select(i => $"st.global.b32 [%rd1+{4 * i}], %r{i + 2};"));
        var text = PtxText.Kernel("u64 in, u64 out", $"""
            ld.param.u64 %rd0, [in];
            ld.param.u64 %rd1, [out];
            mov.u32 %r0, %tid.x;
            mad.wide.u32 %rd0, %r0, 4, %rd0;
            mad.wide.u32 %rd1, %r0, {4 * results}, %rd1;
            ld.global.b32 %r1, [%rd0];
            {body}
            {stores}
            ret;
            """);
        using var device = new VirtualDevice(new VirtualDeviceOptions { SeedCount = 4 });
        var module = device.Load(text);
        var (input, output) = (device.Allocate(4 * threads), device.Allocate(4 * threads * results));
        device.Upload<int>(values, input);
        var report = device.Launch(module.Kernel("test"), 1, threads, 0, input, output);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        return [.. device.Download<int>(output, threads * results).Chunk(results)];
    }
}
