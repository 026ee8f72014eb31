using FlamingoGpu.VirtualGpu;
using static FlamingoGpu.Gpu.Tests.VirtualGpu.WarpgroupText;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>
/// Products of one warpgroup with one known mistake each: lines that begin with BUG stand only in the broken kernel,
/// those that begin with OK only in its twin; the mistake is reported at Zoo.cs:1.
/// </summary>
internal static class WarpgroupZoo
{
    public const int SharedBytes = 8192;

    /// <summary>A (64×16) at 0 and two B (16×8) at 2048 and 2304, all K-major with the 32-byte swizzle.</summary>
    private static readonly string Operands = Descriptor("%rd10", 0, 32, 16, 256) + Descriptor("%rd11", 2048, 32, 16, 256)
        + Descriptor("%rd12", 2304, 32, 16, 256) + LoadFragment;

    private static readonly string Ready = Fill(4096) + Operands +
        """
        fence.proxy.async.shared::cta;
        bar.sync 0;

        """;

    private static readonly string Overwrite = "st.shared.v4.b32 [%r5+2048], {%r4, %r4, %r4, %r4};";

    private static string Broken(string lines) => "BUG " + lines.Trim().Replace("\n", "\nBUG ", StringComparison.Ordinal);

    private static readonly string First = Multiply(8, "bf16", "%rd10", "%rd11", "%p0", isMnMajor: false);

    private static readonly string Second = Multiply(8, "bf16", "%rd10", "%rd12", "%p1", isMnMajor: false);

    private static readonly string OnFragment =
        Multiply(8, "bf16", "{%r20, %r21, %r22, %r23}", "%rd11", "%p0", isMnMajor: false);

    private static readonly string AddFragment =
        Multiply(8, "bf16", "{%r20, %r21, %r22, %r23}", "%rd12", "%p1", isMnMajor: false);

    private const string Fence = "wgmma.fence.sync.aligned;";

    private const string Commit = "wgmma.commit_group.sync.aligned;";

    private const string Wait = "wgmma.wait_group.sync.aligned 0;";

    public static readonly Dictionary<string, (FindingKind Kind, string Body)> Kernels = new(StringComparer.Ordinal)
    {
        ["accumulator read before the wait"] = (FindingKind.RegisterInFlight, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            BUG add.f32 %f4, %f0, %f1; // Zoo.cs:1
            {Wait}
            OK add.f32 %f4, %f0, %f1; // Zoo.cs:1
            {Store(8)}
            """),
        ["accumulator written before the wait"] = (FindingKind.RegisterInFlight, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            BUG mov.f32 %f2, 0f00000000; // Zoo.cs:1
            {Wait}
            {Store(8)}
            """),
        ["wait that allows the newest group"] = (FindingKind.RegisterInFlight, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            {Second}
            {Commit}
            OK {Wait}
            BUG wgmma.wait_group.sync.aligned 1;
            mov.f32 %f4, %f0; // Zoo.cs:1
            {Wait}
            {Store(8)}
            """),
        ["fragment overwritten before the wait"] = (FindingKind.RegisterInFlight, $"""
            {Ready}
            {Fence}
            {OnFragment}
            {Commit}
            BUG mov.b32 %r21, 0; // Zoo.cs:1
            {Wait}
            OK mov.b32 %r21, 0; // Zoo.cs:1
            {Store(8)}
            """),
        ["another shape on accumulators under way"] = (FindingKind.RegisterInFlight, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            OK {Wait}
            OK {Fence}
            {Multiply(16, "bf16", "%rd10", "%rd11", "%p0", isMnMajor: false)} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["another shape without a fence"] = (FindingKind.MissingRegisterFence, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            {Wait}
            OK {Fence}
            {Multiply(16, "bf16", "%rd10", "%rd11", "%p0", isMnMajor: false)} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["no fence before the first product"] = (FindingKind.MissingRegisterFence, $"""
            {Ready}
            OK {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["accumulators set after the fence"] = (FindingKind.MissingRegisterFence, $"""
            {Ready}
            BUG {Fence}
            mov.f32 %f0, 0f00000000;
            mov.f32 %f1, 0f00000000;
            mov.f32 %f2, 0f00000000;
            mov.f32 %f3, 0f00000000;
            OK {Fence}
            {Second} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["accumulators scaled between products"] = (FindingKind.MissingRegisterFence, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            {Wait}
            mul.f32 %f3, %f3, %f3;
            OK {Fence}
            {Second} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["fragment replaced without a fence"] = (FindingKind.MissingRegisterFence, $"""
            {Ready}
            {Fence}
            {OnFragment}
            {Commit}
            {Wait}
            mov.b32 %r22, %r20;
            OK {Fence}
            {AddFragment} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["product never committed"] = (FindingKind.MissingWait, $"""
            {Ready}
            {Fence}
            {First} // Zoo.cs:1
            OK {Commit}
            {Wait}
            """),
        ["product never waited for"] = (FindingKind.MissingWait, $"""
            {Ready}
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            OK {Wait}
            """),
        ["written without a proxy fence"] = (FindingKind.MissingProxyFence, $"""
            {Fill(4096)}
            {Operands}
            OK fence.proxy.async.shared::cta;
            bar.sync 0;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["proxy fence before the write"] = (FindingKind.MissingProxyFence, $"""
            BUG fence.proxy.async.shared::cta;
            {Fill(4096)}
            {Operands}
            OK fence.proxy.async.shared::cta;
            bar.sync 0;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["proxy fence of the reader only"] = (FindingKind.MissingProxyFence, $"""
            {Fill(4096)}
            {Operands}
            OK fence.proxy.async.shared::cta;
            bar.sync 0;
            BUG fence.proxy.async.shared::cta;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["proxy fence of one thread"] = (FindingKind.MissingProxyFence, $"""
            {Fill(4096)}
            {Operands}
            setp.eq.u32 %p2, %r1, 0;
            BUG @%p2 fence.proxy.async.shared::cta;
            OK fence.proxy.async.shared::cta;
            bar.sync 0;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["copied without a proxy fence"] = (FindingKind.MissingProxyFence, $"""
            {Fill(4096)}
            {Operands}
            fence.proxy.async.shared::cta;
            cp.async.cg.shared.global [%r5], [%rd5], 16;
            cp.async.commit_group;
            cp.async.wait_group 0;
            OK fence.proxy.async.shared::cta;
            bar.sync 0;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["copy not waited for"] = (FindingKind.MissingWait, $"""
            {Fill(4096)}
            {Operands}
            cp.async.cg.shared.global [%r5], [%rd5], 16;
            cp.async.commit_group;
            OK cp.async.wait_group 0;
            fence.proxy.async.shared::cta;
            bar.sync 0;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            cp.async.wait_group 0;
            """),
        ["no barrier before the product"] = (FindingKind.Race, $"""
            {Fill(4096)}
            {Operands}
            fence.proxy.async.shared::cta;
            OK bar.sync 0;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["overwritten before the wait"] = (FindingKind.Race, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            OK {Wait}
            bar.sync 0;
            {Overwrite} // Zoo.cs:1
            bar.sync 0;
            {Wait}
            {Store(8)}
            """),
        ["overwritten after the wait of the own warp only"] = (FindingKind.Race, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            {Wait}
            OK bar.sync 0;
            {Overwrite} // Zoo.cs:1
            {Store(8)}
            """),
        ["own rows overwritten while another warp may multiply"] = (FindingKind.Race, $$"""
            {{Ready}}
            {{Fence}}
            {{First}} // Zoo.cs:1
            {{Commit}}
            {{Wait}}
            OK bar.sync 0;
            st.shared.v4.b32 [%r5], {%r4, %r4, %r4, %r4}; // Zoo.cs:1
            {{Store(8)}}
            """),
        ["copied into before the wait"] = (FindingKind.Race, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            OK {Wait}
            bar.sync 0;
            cp.async.cg.shared.global [%r5], [%rd5], 16; // Zoo.cs:1
            cp.async.wait_all;
            {Wait}
            {Store(8)}
            """),
        ["overwritten under the newer of two groups"] = (FindingKind.Race, $"""
            {Ready}
            {Fence}
            {First}
            {Commit}
            {Second}
            {Commit}
            BUG wgmma.wait_group.sync.aligned 1;
            OK {Wait}
            bar.sync 0;
            {Overwrite} // Zoo.cs:1
            {Wait}
            {Store(8)}
            """),
        ["half of a warp"] = (FindingKind.PartialWarp, $"""
            {Ready}
            {Fence}
            setp.lt.u32 %p2, %r0, 16;
            BUG @%p2 bra SKIP;
            {First} // Zoo.cs:1
            SKIP:
            {Commit}
            {Wait}
            """),
        ["one warp leaves a product out"] = (FindingKind.WarpgroupMismatch, $"""
            {Ready}
            {Fence}
            {First}
            setp.eq.u32 %p2, %r2, 3;
            BUG @%p2 bra SKIP;
            {Second} // Zoo.cs:1
            SKIP:
            {Commit} // Zoo.cs:1
            {Wait}
            {Store(8)}
            """),
        ["one warp ends early"] = (FindingKind.WarpgroupMismatch, $"""
            {Ready}
            setp.eq.u32 %p2, %r2, 2;
            BUG @%p2 exit;
            {Fence} // Zoo.cs:1
            {First}
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["warps with different descriptors"] = (FindingKind.WarpgroupMismatch, $"""
            {Ready}
            setp.eq.u32 %p2, %r2, 1;
            BUG @%p2 mov.b64 %rd11, %rd12;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["warps with different scale-d"] = (FindingKind.WarpgroupMismatch, $"""
            {Ready}
            BUG setp.eq.u32 %p1, %r2, 1;
            {Fence}
            {First}
            {Second} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["lanes with different descriptors"] = (FindingKind.WarpgroupMismatch, $"""
            {Ready}
            setp.eq.u32 %p2, %r1, 7;
            BUG @%p2 mov.b64 %rd11, %rd12;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            {Store(8)}
            """),
        ["matrix outside the block"] = (FindingKind.OutOfBounds, $"""
            {Ready}
            {Broken(Descriptor("%rd11", SharedBytes - 128, 16, 128, 128))}
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            """),
        ["matrix that starts within the pattern"] = (FindingKind.Misaligned, $"""
            {Ready}
            {Broken(Descriptor("%rd11", 2048 + 32, 32, 16, 256))}
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            """),
        ["step that leaves the row"] = (FindingKind.Misaligned, $"""
            {Ready}
            BUG add.s64 %rd10, %rd10, 2;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            """),
        ["base offset"] = (FindingKind.InvalidDescriptor, $"""
            {Ready}
            mov.b64 %rd14, {1UL << 49};
            BUG or.b64 %rd11, %rd11, %rd14;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            """),
        ["address that was not shifted"] = (FindingKind.InvalidDescriptor, $"""
            {Ready}
            mov.b64 %rd14, {1UL << 15};
            BUG or.b64 %rd11, %rd11, %rd14;
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            """),
        ["groups that break the pattern"] = (FindingKind.InvalidDescriptor, $"""
            {Ready}
            {Broken(Descriptor("%rd10", 0, 32, 16, 256 + 16))}
            {Fence}
            {First} // Zoo.cs:1
            {Commit}
            {Wait}
            """),
        ["column that nobody wrote"] = (FindingKind.UninitialisedUse, $"""
            {Ready}
            {Broken(Descriptor("%rd11", 4096, 32, 16, 256))}
            setp.eq.u32 %p3, %r0, 0;
            {Fence}
            {First}
            {Commit}
            {Wait}
            @%p3 st.global.f32 [%rd2], %f0; // Zoo.cs:1
            """),
        ["sums that nobody began"] = (FindingKind.UninitialisedUse, $"""
            {Ready}
            setp.eq.u32 %p3, %r0, 0;
            {Fence}
            OK {First}
            BUG {Second}
            {Commit}
            {Wait}
            @%p3 st.global.f32 [%rd2], %f0; // Zoo.cs:1
            """),
    };
}
