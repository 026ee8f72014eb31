namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>
/// A handwritten one-warp matrix product: A row-major m × k and B row-major n × k in bf16, C row-major m × n in f32.
/// Each stage of the ring holds 16 × 16 of A and 8 × 16 of B.
/// </summary>
internal static class GemmText
{
    public static string Text(int k, int n) => $$"""
        .version 7.0
        .target sm_80
        .address_size 64
        .visible .entry gemm(.param .u64 a, .param .u64 b, .param .u64 c)
        .maxntid 32, 1, 1
        .minnctapersm 1
        {
        .reg .pred %p<4>;
        .reg .b32 %r<40>;
        .reg .f32 %f<4>;
        .reg .b64 %rd<10>;
        .shared .align 128 .b8 ring[1536];
        ld.param.u64 %rd0, [a];
        ld.param.u64 %rd1, [b];
        ld.param.u64 %rd2, [c];
        mov.u32 %r0, %tid.x;
        mov.u32 %r1, %ctaid.x;
        mov.u32 %r2, %ctaid.y;
        // Source of this lane's 16 bytes: row lane / 2, columns 8 * (lane % 2).
        shr.u32 %r3, %r0, 1;
        and.b32 %r4, %r0, 1;
        mad.lo.u32 %r5, %r2, 16, %r3;
        mul.lo.u32 %r6, %r5, {{2 * k}};
        mad.lo.u32 %r6, %r4, 16, %r6;
        cvt.u64.u32 %rd3, %r6;
        add.u64 %rd3, %rd3, %rd0;
        mad.lo.u32 %r7, %r1, 8, %r3;
        mul.lo.u32 %r8, %r7, {{2 * k}};
        mad.lo.u32 %r8, %r4, 16, %r8;
        cvt.u64.u32 %rd4, %r8;
        add.u64 %rd4, %rd4, %rd1;
        setp.lt.u32 %p0, %r0, 16;
        mov.u32 %r9, ring;
        mad.lo.u32 %r10, %r0, 16, %r9;
        // Rows ldmatrix reads: of A row lane % 16, half lane / 16; of B row lane % 8, half lane / 8 % 2.
        and.b32 %r11, %r0, 15;
        shr.u32 %r12, %r0, 4;
        mad.lo.u32 %r13, %r11, 32, %r9;
        mad.lo.u32 %r13, %r12, 16, %r13;
        and.b32 %r14, %r0, 7;
        bfe.u32 %r15, %r0, 3, 1;
        mad.lo.u32 %r16, %r14, 32, %r9;
        mad.lo.u32 %r16, %r15, 16, %r16;
        mov.f32 %f0, 0f00000000;
        mov.f32 %f1, 0f00000000;
        mov.f32 %f2, 0f00000000;
        mov.f32 %f3, 0f00000000;
        cp.async.cg.shared.global [%r10], [%rd3], 16;
        @%p0 cp.async.cg.shared.global [%r10+512], [%rd4], 16;
        cp.async.commit_group;
        mov.u32 %r20, 0;
        mov.u32 %r21, 0;
        LOOP:
        add.u32 %r20, %r20, 1;
        xor.b32 %r22, %r21, 768;
        setp.lt.u32 %p1, %r20, {{k / 16}};
        and.pred %p2, %p0, %p1;
        add.u64 %rd3, %rd3, 32;
        add.u64 %rd4, %rd4, 32;
        add.u32 %r23, %r10, %r22;
        bar.warp.sync 0xffffffff; // before refill
        @%p1 cp.async.cg.shared.global [%r23], [%rd3], 16;
        @%p2 cp.async.cg.shared.global [%r23+512], [%rd4], 16;
        cp.async.commit_group;
        cp.async.wait_group 1;
        bar.warp.sync 0xffffffff; // between
        add.u32 %r24, %r13, %r21;
        add.u32 %r25, %r16, %r21;
        ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r30, %r31, %r32, %r33}, [%r24];
        ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r34, %r35}, [%r25+512];
        mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1, %f2, %f3}, {%r30, %r31, %r32, %r33}, {%r34, %r35}, {%f0, %f1, %f2, %f3};
        mov.u32 %r21, %r22;
        @%p1 bra LOOP;
        // Lane 4g + t stores rows g and g + 8 at columns 2t, 2t + 1.
        shr.u32 %r26, %r0, 2;
        and.b32 %r27, %r0, 3;
        mad.lo.u32 %r26, %r2, 16, %r26;
        mul.lo.u32 %r28, %r26, {{4 * n}};
        mad.lo.u32 %r28, %r1, 32, %r28;
        mad.lo.u32 %r28, %r27, 8, %r28;
        cvt.u64.u32 %rd5, %r28;
        add.u64 %rd5, %rd5, %rd2;
        st.global.v2.f32 [%rd5], {%f0, %f1};
        st.global.v2.f32 [%rd5+{{32 * n}}], {%f2, %f3};
        ret;
        }
        """;
}
