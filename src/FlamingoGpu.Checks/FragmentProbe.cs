// The maps of tensor-core fragments, stated once more as arithmetic (g = lane / 4, t = lane mod 4), and kernels in
// plain PTX text that a device runs on operands laid out by them. A wrong map of A, B or D gives another product: the
// operands are different small integers, every sum is exact in f32. Shares nothing with the kernel language or the
// virtual GPU.
//   m16n8k16, 16-bit: A registers (g, 2t), (g+8, 2t), (g, 2t+8), (g+8, 2t+8), two columns each; B (k = 2t, n = g),
//                     (k = 2t+8, n = g), two rows each
//   m16n8k32, s8:     A (g, 4t), (g+8, 4t), (g, 4t+16), (g+8, 4t+16), four columns each; B (4t, g), (4t+16, g),
//                     four rows each
//   D of both:        (g, 2t), (g, 2t+1), (g+8, 2t), (g+8, 2t+1)
//   ldmatrix:         register i has elements 2t, 2t+1 of row g of matrix i; with .trans rows 2t, 2t+1 of column g

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Checks;

/// <summary>Whether a device lays out the fragments of an instruction as the kernels take it to.</summary>
/// <param name="Instruction">The PTX instruction.</param>
/// <param name="Problem">The first element that differs or why it could not run, or null.</param>
public sealed record FragmentProbe(string Instruction, string? Problem)
{
    private const int Lanes = 32;

    /// <summary>Probes every fragment instruction the kernels use.</summary>
    public static IReadOnlyList<FragmentProbe> All(GpuDevice device) =>
    [
        Product(device, "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", 16, 2, value =>
            BFloat16.FromSingle(value), isInteger: false),
        Product(
            device, "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", 16, 2, value =>
                BitConverter.HalfToUInt16Bits((Half)value), isInteger: false),
        Product(device, "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", 32, 4, value =>
            (byte)(sbyte)value, isInteger: true),
        Matrices(device, "ldmatrix.sync.aligned.m8n8.x4.shared.b16", isTransposed: false),
        Matrices(device, "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", isTransposed: true),
    ];

    /// <summary>D [16, 8] = A [16, K] · B [K, 8].</summary>
    private static FragmentProbe Product(
        GpuDevice device, string instruction, int inner, int perRegister, Func<float, uint> encode, bool isInteger)
    {
        static int A(int row, int k) => (row * 7 + k * 5) % 15 - 7;
        static int B(int k, int column) => (k * 3 + column * 11) % 13 - 6;
        var (bits, half) = (32 / perRegister, inner / 2);
        var words = new uint[Lanes * 6];
        for (var lane = 0; lane < Lanes; lane++)
        {
            var (g, t) = (lane / 4, lane % 4);
            for (var e = 0; e < perRegister; e++)
            {
                var k = perRegister * t + e;
                ReadOnlySpan<int> elements =
                    [A(g, k), A(g + 8, k), A(g, k + half), A(g + 8, k + half), B(k, g), B(k + half, g)];
                for (var register = 0; register < 6; register++)
                    words[lane * 6 + register] |= encode(elements[register]) << (bits * e);
            }
        }

        var zero = isInteger ? "0" : "0f00000000";
        var (kind, name) = isInteger ? ("s32", "%c") : ("f32", "%f");
        var text = $$"""
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry probe(.param .u64 param_x, .param .u64 param_y)
            {
                .reg .b32 %r<8>;
                .reg .{{kind}} {{name}}<4>;
                .reg .b64 %rd<6>;
                ld.param.u64 %rd0, [param_x];
                ld.param.u64 %rd1, [param_y];
                cvta.to.global.u64 %rd2, %rd0;
                cvta.to.global.u64 %rd3, %rd1;
                mov.u32 %r6, %tid.x;
                mad.wide.u32 %rd4, %r6, 24, %rd2;
                mad.wide.u32 %rd5, %r6, 16, %rd3;
                ld.global.b32 %r0, [%rd4];
                ld.global.b32 %r1, [%rd4+4];
                ld.global.b32 %r2, [%rd4+8];
                ld.global.b32 %r3, [%rd4+12];
                ld.global.b32 %r4, [%rd4+16];
                ld.global.b32 %r5, [%rd4+20];
                mov.{{kind}} {{name}}0, {{zero}};
                mov.{{kind}} {{name}}1, {{zero}};
                mov.{{kind}} {{name}}2, {{zero}};
                mov.{{kind}} {{name}}3, {{zero}};
                {{instruction}}
                    { {{name}}0, {{name}}1, {{name}}2, {{name}}3 },
                    { %r0, %r1, %r2, %r3 }, { %r4, %r5 },
                    { {{name}}0, {{name}}1, {{name}}2, {{name}}3 };
                st.global.{{kind}} [%rd5], {{name}}0;
                st.global.{{kind}} [%rd5+4], {{name}}1;
                st.global.{{kind}} [%rd5+8], {{name}}2;
                st.global.{{kind}} [%rd5+12], {{name}}3;
                ret;
            }
            """;
        return Run(device, instruction, text, words, (lane, register, word) =>
        {
            var (row, column) = (lane / 4 + 8 * (register / 2), 2 * (lane % 4) + register % 2);
            var expected = Enumerable.Range(0, inner).Sum(k => A(row, k) * B(k, column));
            var actual = isInteger ? (int)word : BitConverter.UInt32BitsToSingle(word);
            return actual == expected
                ? null
                : string.Create(CultureInfo.InvariantCulture,
                    $"lane {lane} register {register} is {actual}, row {row} column {column} is {expected}");
        });
    }

    /// <summary>
    /// Four 8 × 8 matrices, one row after the other; element (matrix, row, column) is 64·matrix + 8·row + column.
    /// </summary>
    private static FragmentProbe Matrices(GpuDevice device, string instruction, bool isTransposed)
    {
        var words = new uint[Lanes * 6];
        // four words are a row
        for (var i = 0; i < 128; i++) words[i / 4 * 6 + i % 4] = (uint)(2 * i | (2 * i + 1) << 16);
        var text = $$"""
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry probe(.param .u64 param_x, .param .u64 param_y)
            {
                .reg .b32 %r<8>;
                .reg .b64 %rd<6>;
                .shared .align 16 .b8 rows[512];
                ld.param.u64 %rd0, [param_x];
                ld.param.u64 %rd1, [param_y];
                cvta.to.global.u64 %rd2, %rd0;
                cvta.to.global.u64 %rd3, %rd1;
                mov.u32 %r6, %tid.x;
                mad.wide.u32 %rd4, %r6, 24, %rd2;
                mad.wide.u32 %rd5, %r6, 16, %rd3;
                mov.u32 %r7, rows;
                mad.lo.u32 %r7, %r6, 16, %r7;
                ld.global.b32 %r0, [%rd4];
                ld.global.b32 %r1, [%rd4+4];
                ld.global.b32 %r2, [%rd4+8];
                ld.global.b32 %r3, [%rd4+12];
                st.shared.b32 [%r7], %r0;
                st.shared.b32 [%r7+4], %r1;
                st.shared.b32 [%r7+8], %r2;
                st.shared.b32 [%r7+12], %r3;
                bar.sync 0;
                {{instruction}} { %r0, %r1, %r2, %r3 }, [%r7];
                st.global.b32 [%rd5], %r0;
                st.global.b32 [%rd5+4], %r1;
                st.global.b32 [%rd5+8], %r2;
                st.global.b32 [%rd5+12], %r3;
                ret;
            }
            """;
        return Run(device, instruction, text, words, (lane, register, word) =>
        {
            var (g, t) = (lane / 4, lane % 4);
            var (first, step) = isTransposed ? (64 * register + 16 * t + g, 8) : (64 * register + 8 * g + 2 * t, 1);
            return word == (uint)(first | (first + step) << 16)
                ? null
                : $"lane {lane} register {register} is 0x{word:x8}, expected elements {first} and {first + step}";
        });
    }

    /// <summary>One warp reads six words a lane and writes four.</summary>
    private static FragmentProbe Run(
        GpuDevice device, string instruction, string text, uint[] words, Func<int, int, uint, string?> judge)
    {
        try
        {
            using var module = device.Driver.Load(text);
            using var input = device.Allocate(4 * words.Length, "probe operands");
            using var output = device.Allocate(4 * 4 * Lanes, "probe result");
            device.Upload(MemoryMarshal.AsBytes(words.AsSpan()), input.Address);
            Span<byte> parameters = stackalloc byte[16];
            BinaryPrimitives.WriteInt64LittleEndian(parameters, input.Address);
            BinaryPrimitives.WriteInt64LittleEndian(parameters[8..], output.Address);
            device.Stream.Launch(module.Function("probe"), new GpuLaunchShape(1, 1, 1, Lanes, 1, 1, 0), parameters);
            var result = new uint[4 * Lanes];
            device.Download(output.Address, MemoryMarshal.AsBytes(result.AsSpan()));
            return new FragmentProbe(
                instruction, Enumerable.Range(0, result.Length).Select(i => judge(i / 4, i % 4, result[i]))
                    .FirstOrDefault(problem => problem is not null));
        }
        catch (FlamingoException error)
        {
            return new FragmentProbe(instruction, error.Message);
        }
    }
}
