using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

internal sealed record ZooKernel(FindingKind Kind, string Body)
{
    public Dim3 Grid { get; init; } = 1;

    public Dim3 Block { get; init; } = 128;

    public int OutputBytes { get; init; } = 16384;

    public bool ZeroesOutput { get; init; }
}

internal static class Zoo
{
    /// <summary>%r0 thread, %rd0 input, %rd1 output, %rd2 thread · 4, %rd3 input + that, %rd4 output + that.</summary>
    private const string Prologue =
        """
        ld.param.u64 %rd0, [in];
        ld.param.u64 %rd1, [out];
        mov.u32 %r0, %tid.x;
        mul.wide.u32 %rd2, %r0, 4;
        add.u64 %rd3, %rd0, %rd2;
        add.u64 %rd4, %rd1, %rd2;

        """;

    public static readonly Dictionary<string, ZooKernel> Kernels = new(StringComparer.Ordinal)
    {
        ["missing barrier"] = new(FindingKind.Race, Prologue +
            """
            .shared .align 16 .f32 tile[128];
            mov.u32 %r1, tile;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            ld.global.f32 %f0, [%rd3];
            st.shared.f32 [%r3], %f0;
            OK bar.sync 0;
            xor.b32 %r4, %r2, 256;
            add.u32 %r5, %r1, %r4;
            ld.shared.f32 %f1, [%r5]; // Zoo.cs:1
            st.global.f32 [%rd4], %f1; // Zoo.cs:2
            ret;
            """),
        ["missing warp sync"] = new(FindingKind.Race, Prologue +
            """
            .shared .align 16 .f32 tile[32];
            mov.u32 %r1, tile;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            ld.global.f32 %f0, [%rd3];
            st.shared.f32 [%r3], %f0;
            OK bar.warp.sync 0xffffffff;
            xor.b32 %r4, %r2, 4;
            add.u32 %r5, %r1, %r4;
            ld.shared.f32 %f1, [%r5]; // Zoo.cs:1
            st.global.f32 [%rd4], %f1; // Zoo.cs:2
            ret;
            """)
        { Block = 32 },
        ["wrong wait_group"] = new(FindingKind.MissingWait, Prologue +
            """
            .shared .align 16 .b8 ring[1024];
            mov.u32 %r1, ring;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            cp.async.ca.shared.global [%r3], [%rd3], 4;
            cp.async.commit_group;
            cp.async.ca.shared.global [%r3+512], [%rd3+512], 4;
            cp.async.commit_group;
            BUG cp.async.wait_group 1;
            OK cp.async.wait_group 0;
            bar.sync 0;
            ld.shared.f32 %f1, [%r3+512]; // Zoo.cs:1
            st.global.f32 [%rd4], %f1; // Zoo.cs:2
            ret;
            """),
        ["no wait at all"] = new(FindingKind.MissingWait, Prologue +
            """
            .shared .align 16 .b8 ring[512];
            mov.u32 %r1, ring;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            cp.async.ca.shared.global [%r3], [%rd3], 4;
            cp.async.commit_group;
            OK cp.async.wait_all;
            bar.sync 0;
            ld.shared.f32 %f1, [%r3]; // Zoo.cs:1
            st.global.f32 [%rd4], %f1; // Zoo.cs:2
            ret;
            """),
        ["wait without barrier"] = new(FindingKind.MissingWait, Prologue +
            """
            .shared .align 16 .b8 ring[512];
            mov.u32 %r1, ring;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            cp.async.ca.shared.global [%r3], [%rd3], 4;
            cp.async.commit_group;
            BUG setp.lt.u32 %p0, %r0, 64;
            BUG bar.sync 1;
            BUG @%p0 cp.async.wait_group 0;
            OK cp.async.wait_group 0;
            bar.sync 0;
            xor.b32 %r4, %r2, 256;
            add.u32 %r5, %r1, %r4;
            ld.shared.f32 %f1, [%r5]; // Zoo.cs:1
            st.global.f32 [%rd4], %f1; // Zoo.cs:2
            ret;
            """),
        ["ring too shallow"] = new(FindingKind.Race, Prologue +
            """
            .shared .align 16 .b8 ring[1024];
            mov.u32 %r1, ring;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            mov.f32 %f2, 0f00000000;
            mov.u32 %r6, 0;
            cp.async.ca.shared.global [%r3], [%rd3], 4;
            cp.async.commit_group;
            LOOP:
            cp.async.wait_group 0;
            bar.sync 0;
            and.b32 %r7, %r6, 1;
            BUG mov.u32 %r7, 0;
            shl.b32 %r8, %r7, 9;
            xor.b32 %r4, %r2, 256;
            add.u32 %r5, %r1, %r4;
            add.u32 %r5, %r5, %r8;
            ld.shared.f32 %f1, [%r5]; // Zoo.cs:2
            add.f32 %f2, %f2, %f1;
            add.u32 %r6, %r6, 1;
            xor.b32 %r9, %r8, 512;
            BUG mov.u32 %r9, 0;
            add.u32 %r10, %r3, %r9;
            cp.async.ca.shared.global [%r10], [%rd3+512], 4; // Zoo.cs:1
            cp.async.commit_group;
            setp.lt.u32 %p0, %r6, 5;
            @%p0 bra LOOP;
            st.global.f32 [%rd4], %f2;
            ret;
            """),
        ["stale ring slot"] = new(FindingKind.UninitialisedUse, Prologue +
            """
            .shared .align 16 .b8 ring[1024];
            mov.u32 %r1, ring;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            cp.async.ca.shared.global [%r3], [%rd3], 4;
            cp.async.commit_group;
            cp.async.wait_group 0;
            bar.sync 0;
            BUG ld.shared.f32 %f1, [%r3+512];
            OK ld.shared.f32 %f1, [%r3];
            st.global.f32 [%rd4], %f1; // Zoo.cs:1
            ret;
            """),
        ["misaligned vector"] = new(FindingKind.Misaligned, Prologue +
            """
            shl.b32 %r1, %r0, 2;
            BUG add.u32 %r1, %r1, 1;
            mul.wide.u32 %rd5, %r1, 4;
            add.u64 %rd6, %rd0, %rd5;
            ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd6]; // Zoo.cs:1
            BUG mov.f32 %f0, 0f3F800000;
            st.global.f32 [%rd4], %f0; // Zoo.cs:2
            ret;
            """),
        ["misaligned matrix row"] = new(FindingKind.Misaligned, Prologue +
            """
            .shared .align 128 .b8 tile[1024];
            mov.u32 %r1, tile;
            shl.b32 %r2, %r0, 4;
            add.u32 %r3, %r1, %r2;
            mov.b32 %r4, 0;
            st.shared.v4.b32 [%r3], {%r4, %r4, %r4, %r4};
            bar.warp.sync 0xffffffff;
            BUG add.u32 %r3, %r3, 8;
            BUG setp.gt.u32 %p0, %r0, 15;
            BUG selp.b32 %r3, %r1, %r3, %p0;
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r5, %r6, %r7, %r8}, [%r3]; // Zoo.cs:1
            BUG mov.b32 %r5, 0;
            st.global.b32 [%rd4], %r5; // Zoo.cs:2
            ret;
            """)
        { Block = 32 },
        ["out-of-bounds tail"] = new(FindingKind.OutOfBounds, Prologue +
            """
            ld.param.u32 %r1, [n];
            OK setp.ge.u32 %p0, %r0, %r1;
            OK @%p0 bra DONE;
            ld.global.f32 %f0, [%rd3];
            st.global.f32 [%rd4], %f0; // Zoo.cs:1
            DONE:
            ret;
            """)
        { OutputBytes = 400 },
        ["shared out of bounds"] = new(FindingKind.OutOfBounds, Prologue +
            """
            .shared .align 16 .f32 tile[128];
            mov.u32 %r1, tile;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            mov.f32 %f0, 0f3F800000;
            BUG st.shared.f32 [%r3+4], %f0; // Zoo.cs:1
            OK st.shared.f32 [%r3], %f0; // Zoo.cs:1
            st.global.f32 [%rd4], %f0;
            ret;
            """),
        ["divergent barrier"] = new(FindingKind.DivergentBarrier, Prologue +
            """
            setp.lt.u32 %p0, %r0, 40;
            BUG @%p0 bra SKIP;
            bar.sync 0; // Zoo.cs:1
            SKIP:
            mov.f32 %f0, 0f00000000;
            st.global.f32 [%rd4], %f0; // Zoo.cs:2
            ret;
            """),
        ["guarded barrier"] = new(FindingKind.DivergentBarrier, Prologue +
            """
            setp.lt.u32 %p0, %r0, 40;
            BUG @%p0 bar.sync 0; // Zoo.cs:1
            OK bar.sync 0;
            mov.f32 %f0, 0f00000000;
            st.global.f32 [%rd4], %f0;
            ret;
            """),
        ["barrier some warps never reach"] = new(FindingKind.Deadlock, Prologue +
            """
            setp.lt.u32 %p0, %r0, 64;
            mov.f32 %f0, 0f00000000;
            st.global.f32 [%rd4], %f0;
            BUG @%p0 bra DONE;
            bar.sync 0; // Zoo.cs:1
            DONE:
            ret;
            """),
        ["barrier count that differs"] = new(FindingKind.BarrierMismatch, Prologue +
            """
            setp.lt.u32 %p0, %r0, 64;
            mov.u32 %r1, 128;
            BUG selp.b32 %r1, 96, 128, %p0;
            bar.sync 2, %r1; // Zoo.cs:1
            mov.f32 %f0, 0f00000000;
            st.global.f32 [%rd4], %f0;
            ret;
            """),
        ["uninitialised shared memory"] = new(FindingKind.UninitialisedUse, Prologue +
            """
            .shared .align 16 .f32 tile[128];
            mov.u32 %r1, tile;
            shl.b32 %r2, %r0, 2;
            add.u32 %r3, %r1, %r2;
            mov.f32 %f0, 0f00000000;
            OK st.shared.f32 [%r3], %f0;
            bar.sync 0;
            ld.shared.f32 %f1, [%r3];
            add.f32 %f1, %f1, %f0;
            st.global.f32 [%rd4], %f1; // Zoo.cs:1
            ret;
            """),
        ["uninitialised accumulator"] = new(FindingKind.UninitialisedUse, Prologue +
            """
            OK mov.f32 %f1, 0f00000000;
            ld.global.f32 %f0, [%rd3];
            fma.rn.f32 %f1, %f0, %f0, %f1;
            st.global.f32 [%rd4], %f1; // Zoo.cs:1
            ret;
            """),
        ["uninitialised branch"] = new(FindingKind.UninitialisedUse, Prologue +
            """
            mov.f32 %f0, 0f00000000;
            OK setp.lt.u32 %p0, %r0, 7;
            @%p0 bra DONE; // Zoo.cs:1
            st.global.f32 [%rd4], %f0; // Zoo.cs:2
            DONE:
            ret;
            """),
        ["unwritten input"] = new(FindingKind.UninitialisedUse, Prologue +
            """
            OK ld.global.f32 %f0, [%rd3];
            BUG ld.global.f32 %f0, [%rd4+512];
            st.global.f32 [%rd4], %f0; // Zoo.cs:1
            ret;
            """),
        ["shuffle without all its lanes"] = new(FindingKind.PartialWarp, Prologue +
            """
            ld.global.f32 %f0, [%rd3];
            mov.b32 %r1, %f0;
            setp.lt.u32 %p0, %r0, 16;
            BUG @!%p0 bra DONE;
            shfl.sync.bfly.b32 %r2, %r1, 1, 31, 0xffffffff; // Zoo.cs:1
            st.global.b32 [%rd4], %r2; // Zoo.cs:2
            DONE:
            ret;
            """)
        { Block = 32 },
        ["matrix product in half a warp"] = new(FindingKind.PartialWarp, Prologue +
            """
            mov.b32 %r1, 0;
            mov.f32 %f0, 0f00000000;
            mov.f32 %f4, 0f00000000;
            setp.lt.u32 %p0, %r0, 16;
            BUG @%p0 mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f4, %f5, %f6, %f7}, {%r1, %r1, %r1, %r1}, {%r1, %r1}, {%f0, %f0, %f0, %f0}; // Zoo.cs:1
            OK mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f4, %f5, %f6, %f7}, {%r1, %r1, %r1, %r1}, {%r1, %r1}, {%f0, %f0, %f0, %f0};
            st.global.f32 [%rd4], %f4;
            ret;
            """)
        { Block = 32 },
        ["global race between blocks"] = new(FindingKind.Race, Prologue +
            """
            mov.u32 %r1, %ctaid.x;
            cvt.rn.f32.u32 %f0, %r1;
            BUG st.global.f32 [%rd4], %f0; // Zoo.cs:1
            OK mul.wide.u32 %rd5, %r1, 512;
            OK add.u64 %rd5, %rd5, %rd4;
            OK st.global.f32 [%rd5], %f0;
            ret;
            """)
        { Grid = 3 },
        ["global race within a block"] = new(FindingKind.Race, Prologue +
            """
            mov.f32 %f0, 0f3F800000;
            st.global.f32 [%rd4], %f0;
            OK bar.sync 0;
            xor.b32 %r1, %r0, 64;
            mul.wide.u32 %rd5, %r1, 4;
            add.u64 %rd6, %rd1, %rd5;
            ld.global.f32 %f1, [%rd6]; // Zoo.cs:1
            OK bar.sync 0;
            st.global.f32 [%rd4+1024], %f1; // Zoo.cs:2
            ret;
            """),
        ["counter without atomics"] = new(FindingKind.Race, Prologue +
            """
            BUG ld.global.u32 %r1, [%rd1]; // Zoo.cs:1
            BUG add.u32 %r1, %r1, 1;
            BUG st.global.u32 [%rd1], %r1; // Zoo.cs:1
            OK red.global.add.u32 [%rd1], 1;
            ret;
            """)
        { ZeroesOutput = true },
        ["last block without fence"] = new(FindingKind.Race, Prologue +
            """
            mov.u32 %r1, %ctaid.x;
            setp.ne.u32 %p0, %r0, 0;
            @%p0 bra DONE;
            mul.wide.u32 %rd5, %r1, 4;
            add.u64 %rd6, %rd1, %rd5;
            st.global.u32 [%rd6+64], %r1;
            OK membar.gl;
            atom.global.add.u32 %r2, [%rd1], 1;
            setp.ne.u32 %p1, %r2, 3;
            @%p1 bra DONE;
            OK membar.gl;
            ld.global.u32 %r3, [%rd1+64]; // Zoo.cs:1
            ld.global.u32 %r4, [%rd1+68]; // Zoo.cs:1
            ld.global.u32 %r5, [%rd1+72]; // Zoo.cs:1
            ld.global.u32 %r6, [%rd1+76]; // Zoo.cs:1
            add.u32 %r3, %r3, %r4;
            add.u32 %r3, %r3, %r5;
            add.u32 %r3, %r3, %r6;
            st.global.u32 [%rd1+128], %r3;
            DONE:
            ret;
            """)
        { Grid = 4, Block = 32, ZeroesOutput = true },
        ["order of atomic adds"] = new(FindingKind.Nondeterminism, Prologue +
            """
            ld.global.f32 %f0, [%rd3];
            mul.f32 %f0, %f0, 0f3DCCCCCD;
            BUG atom.global.add.f32 %f1, [%rd1], %f0;
            BUG st.global.f32 [%rd4+16], %f1; // Zoo.cs:1
            OK st.global.f32 [%rd4+16], %f0;
            ret;
            """)
        { ZeroesOutput = true },
        ["endless loop"] = new(FindingKind.NoProgress, Prologue +
            """
            mov.u32 %r1, 0;
            LOOP: // Zoo.cs:1
            BUG add.u32 %r1, %r1, 0; // Zoo.cs:1
            OK add.u32 %r1, %r1, 1;
            setp.lt.u32 %p0, %r1, 9; // Zoo.cs:1
            @%p0 bra LOOP; // Zoo.cs:1
            st.global.u32 [%rd4], %r1;
            ret;
            """),
        ["trap"] = new(FindingKind.Trap, Prologue +
            """
            setp.eq.u32 %p0, %r0, 77;
            BUG @%p0 trap; // Zoo.cs:1
            st.global.u32 [%rd4], %r0;
            ret;
            """),
    };
}
