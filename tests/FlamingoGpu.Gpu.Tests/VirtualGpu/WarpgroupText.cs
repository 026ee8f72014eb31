using System.Globalization;
using System.Text;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Handwritten texts for one warpgroup, and how their matrices lie in shared memory.</summary>
internal static class WarpgroupText
{
    public const int Threads = 128;
    public const int M = 64;
    public const int K = 16;

    /// <summary>
    /// A module for sm_90a with a kernel "test" of in, a, out: %r0 thread, %r1 lane, %r2 warp, %r3 shared address,
    /// %rd0 in, %rd1 a, %rd2 out.
    /// </summary>
    public static string Kernel(string body) =>
        $$"""
        .version 8.0
        .target sm_90a
        .address_size 64
        .extern .shared .align 1024 .b8 tile[];
        .visible .entry test(.param .u64 in, .param .u64 a, .param .u64 out)
        .maxntid 128, 1, 1
        {
        .reg .pred %p<8>;
        .reg .b32 %r<64>;
        .reg .f32 %f<128>;
        .reg .b64 %rd<32>;
        ld.param.u64 %rd0, [in];
        ld.param.u64 %rd1, [a];
        ld.param.u64 %rd2, [out];
        mov.u32 %r0, %tid.x;
        and.b32 %r1, %r0, 31;
        shr.u32 %r2, %r0, 5;
        mov.u32 %r3, tile;
        setp.ne.u32 %p0, %r0, %r0;
        setp.eq.u32 %p1, %r0, %r0;
        {{body}}
        ret;
        }
        """;

    /// <summary>Copies bytes from in to shared memory, 16 for each thread at a time; without fence and barrier.</summary>
    public static string Fill(int bytes)
    {
        var text = new StringBuilder("shl.b32 %r4, %r0, 4;\ncvt.u64.u32 %rd4, %r4;\nadd.u64 %rd5, %rd0, %rd4;\nadd.u32 %r5, %r3, %r4;\n");
        for (var offset = 0; offset < bytes; offset += 16 * Threads)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"ld.global.v4.b32 {{%r8, %r9, %r10, %r11}}, [%rd5+{offset}];");
            text.AppendLine(CultureInfo.InvariantCulture, $"st.shared.v4.b32 [%r5+{offset}], {{%r8, %r9, %r10, %r11}};");
        }

        return text.ToString();
    }

    /// <summary>Puts a descriptor of the shared address plus an offset into a register.</summary>
    public static string Descriptor(string register, int offset, int width, int leading, int stride) =>
        $"""
        add.u32 %r6, %r3, {offset};
        shr.u32 %r6, %r6, 4;
        cvt.u64.u32 {register}, %r6;
        or.b64 {register}, {register}, {Bits(0, width, leading, stride)};

        """;

    /// <summary>A descriptor as a number; width 16 means no swizzle.</summary>
    public static ulong Bits(int start, int width, int leading, int stride)
    {
        var mode = width switch { 128 => 1UL, 64 => 2UL, 32 => 3UL, _ => 0UL };
        return ((ulong)start >> 4) | ((ulong)leading >> 4 << 16) | ((ulong)stride >> 4 << 32) | (mode << 62);
    }

    /// <summary>A product on %f0…; <paramref name="left"/> is a descriptor or four registers in braces.</summary>
    public static string Multiply(int n, string type, string left, string right, string scale, bool isMnMajor, int first = 0) =>
        $"wgmma.mma_async.sync.aligned.m64n{n}k16.f32.{type}.{type} {Accumulators(n, first)}, {left}, {right}, {scale}, 1, 1, "
            + $"{(left[0] == '{' ? "" : "0, ")}{(isMnMajor ? 1 : 0)};";

    public static string Accumulators(int n, int first = 0) =>
        $"{{{string.Join(", ", Enumerable.Range(first, n / 2).Select(i => $"%f{i}"))}}}";

    /// <summary>Loads the fragment of A, row-major 64×16 in global memory at a, into %r20…%r23.</summary>
    public const string LoadFragment =
        """
        shr.u32 %r12, %r1, 2;
        and.b32 %r13, %r1, 3;
        mad.lo.u32 %r12, %r2, 16, %r12;
        shl.b32 %r12, %r12, 5;
        mad.lo.u32 %r12, %r13, 4, %r12;
        cvt.u64.u32 %rd6, %r12;
        add.u64 %rd6, %rd1, %rd6;
        ld.global.b32 %r20, [%rd6];
        ld.global.b32 %r21, [%rd6+256];
        ld.global.b32 %r22, [%rd6+16];
        ld.global.b32 %r23, [%rd6+272];

        """;

    /// <summary>Stores %f0… as a row-major 64×n matrix at out.</summary>
    public static string Store(int n)
    {
        var text = new StringBuilder();
        text.AppendLine("shr.u32 %r12, %r1, 2;\nand.b32 %r13, %r1, 3;\nmad.lo.u32 %r12, %r2, 16, %r12;");
        text.AppendLine(CultureInfo.InvariantCulture, $"mul.lo.u32 %r12, %r12, {4 * n};\nmad.lo.u32 %r12, %r13, 8, %r12;");
        text.AppendLine("cvt.u64.u32 %rd6, %r12;\nadd.u64 %rd6, %rd2, %rd6;");
        for (var i = 0; i < n / 2; i += 2)
        {
            var offset = (8 * (i / 4) * 4) + (i % 4 / 2 * 8 * n * 4);
            text.AppendLine(CultureInfo.InvariantCulture, $"st.global.v2.f32 [%rd6+{offset}], {{%f{i}, %f{i + 1}}};");
        }

        return text.ToString();
    }

    /// <summary>
    /// Where element (row, k) of a K-major matrix lies: the chunk's place in its row is xored with what the row's number
    /// says. Without swizzle (16) rows of eight elements lie 16 bytes apart and the second half a leading offset on.
    /// </summary>
    public static int KMajor(int row, int k, int width, int leading, int stride)
    {
        if (width == 16) return (row / 8 * stride) + (row % 8 * 16) + (k / 8 * leading) + (k % 8 * 2);
        var chunk = (k / 8) ^ Turn(row % 8, width);
        return (row / 8 * stride) + (row % 8 * width) + (chunk * 16) + (k % 8 * 2);
    }

    /// <summary>Where element (k, column) of an MN-major matrix lies, in atoms of width / 2 columns by 8 k.</summary>
    public static int MnMajor(int k, int column, int width, int leading, int stride)
    {
        if (width == 16) return (column / 8 * stride) + (k % 8 * 16) + (k / 8 * leading) + (column % 8 * 2);
        var chunk = (column % (width / 2) / 8) ^ Turn(k % 8, width);
        return (column / (width / 2) * leading) + (k / 8 * stride) + (k % 8 * width) + (chunk * 16) + (column % 8 * 2);
    }

    private static int Turn(int row, int width) => row * width / 128;
}
