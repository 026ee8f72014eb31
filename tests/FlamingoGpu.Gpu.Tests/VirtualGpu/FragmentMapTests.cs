using FlamingoGpu.Core;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>The tensor-core instructions against plain matrix products, their operands laid out by the frozen tables.</summary>
public class FragmentMapTests
{
    private const int Lanes = 32;

    [Theory]
    [InlineData("bf16")]
    [InlineData("f16")]
    public void Mma_M16N8K16_EqualsThePlainProduct(string type)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var (a, b, c) = (Matrix(random, 16, 16), Matrix(random, 16, 8), Matrix(random, 16, 8));
            var registersA = PackHalves(FragmentMaps.A16, a, 4, type == "bf16");
            var registersB = PackHalves(FragmentMaps.B16, b, 2, type == "bf16");
            var registersC = PackWords(c, v => BitConverter.SingleToUInt32Bits(v));
            var result = Run($"mma.sync.aligned.m16n8k16.row.col.f32.{type}.{type}.f32 "
                + "{%f4, %f5, %f6, %f7}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%f0, %f1, %f2, %f3}", "f", registersA, registersB, registersC);
            AssertProduct(a, b, c, result, bits => BitConverter.UInt32BitsToSingle(bits));
        }
    }

    [Fact]
    public void Mma_M16N8K16HalfSums_EqualsThePlainProduct()
    {
        var random = new Random(3);
        var (a, b, c) = (Matrix(random, 16, 16), Matrix(random, 16, 8), Matrix(random, 16, 8));
        var packed = PackHalves(FragmentMaps.C, c, 2, isBrain: false);
        var result = Run("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%r11, %r12}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r7, %r8}",
            "h", PackHalves(FragmentMaps.A16, a, 4, isBrain: false), PackHalves(FragmentMaps.B16, b, 2, isBrain: false), packed);
        var map = FragmentMaps.Read(FragmentMaps.C);
        for (var row = 0; row < 16; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                var (lane, element) = map[row][column];
                var bits = (ushort)(result[(lane * 4) + (element / 2)] >> (16 * (element % 2)));
                Assert.Equal(Expected(a, b, c, row, column), (float)BitConverter.UInt16BitsToHalf(bits));
            }
        }
    }

    [Theory]
    [InlineData("s8", "s8", -128, -128)]
    [InlineData("u8", "s8", 0, -128)]
    [InlineData("s8", "u8", -128, 0)]
    [InlineData("u8", "u8", 0, 0)]
    public void Mma_M16N8K32Bytes_EqualsThePlainProduct(string typeA, string typeB, int lowA, int lowB)
    {
        var random = new Random(11);
        var a = Matrix(random, 16, 32, lowA);
        var b = Matrix(random, 32, 8, lowB);
        var c = Matrix(random, 16, 8, -128);
        var result = Run($"mma.sync.aligned.m16n8k32.row.col.s32.{typeA}.{typeB}.s32 "
            + "{%r11, %r12, %r13, %r14}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r7, %r8, %r9, %r10}", "r",
            PackBytes(FragmentMaps.A8, a, 4), PackBytes(FragmentMaps.B8, b, 2), PackWords(c, v => (uint)(int)v));
        AssertProduct(a, b, c, result, bits => (int)bits);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mma_BytesAtTheEndOfTheRange_WrapOrSaturate(bool saturates)
    {
        var ones = Enumerable.Repeat(0x01010101u, Lanes * 4).ToArray();
        var high = Enumerable.Repeat((uint)int.MaxValue - 5, Lanes * 4).ToArray();
        var result = Run($"mma.sync.aligned.m16n8k32.row.col{(saturates ? ".satfinite" : "")}.s32.s8.s8.s32 "
            + "{%r11, %r12, %r13, %r14}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r7, %r8, %r9, %r10}", "r", ones, ones, high);
        Assert.All(result, bits => Assert.Equal(saturates ? int.MaxValue : int.MinValue + 26, (int)bits));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    public void LdMatrix_DistinctElements_ArriveWhereTheTableSays(int matrices, bool isTransposed)
    {
        // Rows lie 48 bytes apart so that a row's address, not its number, decides what is read.
        const int RowBytes = 48;
        var registers = string.Join(", ", Enumerable.Range(1, matrices).Select(i => $"%r{i}"));
        var stores = string.Join("\n", Enumerable.Range(0, matrices).Select(i => $"st.global.b32 [%rd4+{4 * i}], %r{i + 1};"));
        var body = $$"""
            .shared .align 16 .b8 tile[{{RowBytes * 32}}];
            ld.param.u64 %rd0, [in];
            ld.param.u64 %rd1, [out];
            mov.u32 %r0, %tid.x;
            mul.lo.u32 %r20, %r0, {{RowBytes}};
            mov.u32 %r21, tile;
            add.u32 %r21, %r21, %r20;
            mul.wide.u32 %rd2, %r0, 16;
            add.u64 %rd3, %rd0, %rd2;
            add.u64 %rd4, %rd1, %rd2;
            ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd3];
            st.shared.v4.b32 [%r21], {%r1, %r2, %r3, %r4};
            bar.sync 0;
            ldmatrix.sync.aligned.m8n8.x{{matrices}}{{(isTransposed ? ".trans" : "")}}.shared.b16 {{{registers}}}, [%r21];
            {{stores}}
            ret;
            """;
        using var device = new VirtualDevice();
        var module = device.Load(PtxText.Kernel("u64 in, u64 out", body));
        var (input, output) = (device.Allocate(512), device.Allocate(512));
        device.Upload<ushort>(Enumerable.Range(0, 256).Select(i => (ushort)(i + 1000)).ToArray(), input);
        var report = device.Launch(module.Kernel("test"), 1, 32, 0, input, output);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        var words = device.Download<ushort>(output, 256);
        var map = FragmentMaps.Read(isTransposed ? FragmentMaps.Matrix8x8Transposed : FragmentMaps.Matrix8x8);
        for (var matrix = 0; matrix < matrices; matrix++)
        {
            for (var row = 0; row < 8; row++)
            {
                for (var column = 0; column < 8; column++)
                {
                    var (lane, element) = map[row][column];
                    Assert.Equal(1000 + (64 * matrix) + (8 * row) + column, words[(lane * 8) + (2 * matrix) + element]);
                }
            }
        }
    }

    [Fact]
    public void MovMatrix_Trans_TurnsOneMapIntoTheOther()
    {
        const string Body = """
            ld.param.u64 %rd0, [in];
            mov.u32 %r0, %tid.x;
            mad.wide.u32 %rd1, %r0, 4, %rd0;
            ld.global.b32 %r1, [%rd1];
            movmatrix.sync.aligned.m8n8.trans.b16 %r2, %r1;
            st.global.b32 [%rd1], %r2;
            ret;
            """;
        using var device = new VirtualDevice();
        var module = device.Load(PtxText.Kernel("u64 in", Body, "7.8"));
        var memory = device.Allocate(128);
        var map = FragmentMaps.Read(FragmentMaps.Matrix8x8);
        var elements = new ushort[64];
        for (var i = 0; i < 64; i++) elements[(map[i / 8][i % 8].Lane * 2) + map[i / 8][i % 8].Element] = (ushort)i;
        device.Upload<ushort>(elements, memory);
        Assert.True(device.Launch(module.Kernel("test"), 1, 32, 0, memory).IsClean);
        var result = device.Download<ushort>(memory, 64);
        for (var i = 0; i < 64; i++) Assert.Equal((8 * (i % 8)) + (i / 8), result[(map[i / 8][i % 8].Lane * 2) + map[i / 8][i % 8].Element]);
    }

    [Fact]
    public void Mma_UnknownRowOfA_PoisonsOnlyThatRow()
    {
        // Lanes 12…15 leave their first register of A unwritten: row 3. Row 3 of the result may not be stored, others may.
        const string Body = """
            ld.param.u64 %rd0, [out];
            mov.u32 %r0, %tid.x;
            mad.wide.u32 %rd0, %r0, 16, %rd0;
            shr.u32 %r9, %r0, 2;
            setp.ne.u32 %p0, %r9, 3;
            @%p0 mov.b32 %r1, 0;
            mov.b32 %r2, 0;
            mov.f32 %f0, 0f3F800000;
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f4, %f5, %f6, %f7}, {%r1, %r2, %r2, %r2}, {%r2, %r2}, {%f0, %f0, %f0, %f0};
            st.global.v2.f32 [%rd0+8], {%f6, %f7};
            @%p0 st.global.v2.f32 [%rd0], {%f4, %f5};
            GUARD st.global.f32 [%rd0], %f4; // Fragment.cs:9
            ret;
            """;
        using var device = new VirtualDevice();
        var output = device.Allocate(512);
        var clean = device.Load(PtxText.Kernel("u64 out", Body.Replace("GUARD", "@%p0", StringComparison.Ordinal)));
        Assert.Empty(device.Launch(clean.Kernel("test"), 1, 32, 0, output).Findings);
        var broken = device.Load(PtxText.Kernel("u64 out", Body.Replace("GUARD", "", StringComparison.Ordinal)));
        var finding = Assert.Single(device.Launch(broken.Kernel("test"), 1, 32, 0, output).Findings);
        Assert.Equal((FindingKind.UninitialisedUse, "Fragment.cs:9", 12), (finding.Kind, finding.Source, finding.Lane));
    }

    private static float[][] Matrix(Random random, int rows, int columns, int low = -4) =>
        [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => (float)random.Next(low, low < -4 || low == 0 ? low + 256 : 5)).ToArray())];

    private static uint[] PackHalves(string table, float[][] matrix, int registers, bool isBrain) => Pack(table, matrix, registers, 16,
        v => isBrain ? BFloat16.FromSingle(v) : BitConverter.HalfToUInt16Bits((Half)v));

    private static uint[] PackBytes(string table, float[][] matrix, int registers) => Pack(table, matrix, registers, 8, v => (byte)(int)v);

    private static uint[] PackWords(float[][] matrix, Func<float, uint> bits) => Pack(FragmentMaps.C, matrix, 4, 32, bits);

    /// <summary>Four words a lane, of which the first <paramref name="registers"/> are used.</summary>
    private static uint[] Pack(string table, float[][] matrix, int registers, int size, Func<float, uint> bits)
    {
        var words = new uint[Lanes * 4];
        var map = FragmentMaps.Read(table);
        for (var row = 0; row < matrix.Length; row++)
        {
            for (var column = 0; column < matrix[row].Length; column++)
            {
                var (lane, element) = map[row][column];
                var perWord = 32 / size;
                Assert.True(element / perWord < registers);
                words[(lane * 4) + (element / perWord)] |= bits(matrix[row][column]) << (size * (element % perWord));
            }
        }

        return words;
    }

    private static float Expected(float[][] a, float[][] b, float[][] c, int row, int column) =>
        c[row][column] + a[row].Select((x, k) => x * b[k][column]).Sum();

    private static void AssertProduct(float[][] a, float[][] b, float[][] c, uint[] result, Func<uint, float> value)
    {
        var map = FragmentMaps.Read(FragmentMaps.C);
        for (var row = 0; row < 16; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                var (lane, element) = map[row][column];
                Assert.Equal(Expected(a, b, c, row, column), value(result[(lane * 4) + element]));
            }
        }
    }

    private static uint[] Run(string mma, string kind, uint[] a, uint[] b, uint[] c)
    {
        var loadC = kind == "f" ? "ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd4];" : "ld.global.v4.b32 {%r7, %r8, %r9, %r10}, [%rd4];";
        var store = kind switch
        {
            "f" => "st.global.v4.f32 [%rd5], {%f4, %f5, %f6, %f7};",
            "h" => "st.global.v2.b32 [%rd5], {%r11, %r12};",
            _ => "st.global.v4.b32 [%rd5], {%r11, %r12, %r13, %r14};",
        };
        var body = $$"""
            mov.u32 %r0, %tid.x;
            ld.param.u64 %rd2, [a];
            ld.param.u64 %rd3, [b];
            ld.param.u64 %rd4, [c];
            ld.param.u64 %rd5, [d];
            mad.wide.u32 %rd2, %r0, 16, %rd2;
            mad.wide.u32 %rd3, %r0, 16, %rd3;
            mad.wide.u32 %rd4, %r0, 16, %rd4;
            mad.wide.u32 %rd5, %r0, 16, %rd5;
            ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd2];
            ld.global.v2.b32 {%r5, %r6}, [%rd3];
            {{loadC}}
            {{mma}};
            {{store}}
            ret;
            """;
        using var device = new VirtualDevice();
        var module = device.Load(PtxText.Kernel("u64 a, u64 b, u64 c, u64 d", body));
        var addresses = new[] { a, b, c }.Select(words =>
        {
            var address = device.Allocate(512);
            device.Upload<uint>(words, address);
            return address;
        }).ToArray();
        var result = device.Allocate(512);
        device.Fill(result, 0, 512);
        var report = device.Launch(module.Kernel("test"), 1, 32, 0, addresses[0], addresses[1], addresses[2], result);
        Assert.True(report.IsClean, string.Join("\n", report.Findings));
        return device.Download<uint>(result, Lanes * 4);
    }
}
