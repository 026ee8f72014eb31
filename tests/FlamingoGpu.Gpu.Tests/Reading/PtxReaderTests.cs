using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.Gpu.Tests.Reading;

public class PtxReaderTests
{
    public static TheoryData<string> BodyNames => [.. InvalidTexts.InBody.Keys];

    public static TheoryData<string> WholeNames => [.. InvalidTexts.Whole.Keys];

    [Theory]
    [MemberData(nameof(BodyNames))]
    public void Check_MistakeInABody_NamesLineSourceAndReason(string name)
    {
        var (body, words) = InvalidTexts.InBody[name];
        var text = InvalidTexts.Kernel(body + "\nEND: ret;");
        var errors = PtxReader.Check(text);
        var line = 1 + Array.FindIndex(text.Split('\n'), l => l.Contains("Bad.cs:1", StringComparison.Ordinal));
        var error = errors.FirstOrDefault(e => e.Message.Contains(words, StringComparison.Ordinal));
        Assert.True(error is not null, $"expected '{words}', found: {string.Join("\n", errors)}");
        if (name is "stray character") return;
        if (name is "missing semicolon")
        {
            Assert.Equal(line + 1, error.Line);
            return;
        }

        Assert.Equal(line, error.Line);
        Assert.Equal("Bad.cs:1", error.Source);
        Assert.Equal("bad", error.Kernel);
        Assert.Single(errors);
    }

    [Theory]
    [MemberData(nameof(WholeNames))]
    public void Read_BrokenText_ThrowsWithTheReason(string name)
    {
        var (text, words) = InvalidTexts.Whole[name];
        var exception = Assert.Throws<PtxException>(() => PtxReader.Read(text));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SeveralMistakes_ReportsAllOfThem()
    {
        var errors = PtxReader.Check(InvalidTexts.Kernel("add.f32 %f0, %f1, %r1;\nfoo;\nmov.b32 %r0, %x1;\nret;"));
        Assert.Equal(3, errors.Count);
        Assert.Equal([13, 14, 15], errors.Select(e => e.Line));
    }

    [Fact]
    public void Read_WellFormedText_GivesTheTypedForm()
    {
        const string Text = """
            // made by hand
            .version 7.4
            .target sm_80
            .address_size 64
            .extern .shared .align 16 .b8 dynamic[];
            .const .align 8 .f32 table[3] = {0f3F800000, 2.0, -0.5};
            .visible .entry kernel(
                .param .u64 .ptr .global .align 16 out,
                .param .u32 count,
                .param .align 8 .b8 block[24]
            )
            .maxntid 128, 1, 1
            .minnctapersm 1
            {
                .reg .pred %p<3>;
                .reg .b32 %r<4>, %single;
                .reg .b64 %rd<2>;
                .shared .align 128 .b8 tile[200];
                .shared .f32 sums[4];
                // Kernel.cs:10
                ld.param.u64 %rd0, [out];
                ld.param.u32 %r0, [block+8]; // Kernel.cs:12
                mov.u32 %r1, dynamic; /* in
                between */ setp.lt.and.u32 %p1, %r0, -1, !%p0;
                @!%p1 bra DONE;
                st.global.v2.b32 [%rd0+-8], {%r0, %single};
            DONE:
                ret;
            }
            """;
        var module = PtxReader.Read(Text);
        Assert.Equal((new Version(7, 4), new PtxArchitecture(80)), (module.Version, module.Target));
        var kernel = Assert.Single(module.Kernels);
        Assert.Equal([128, 1, 1], kernel.MaxThreads);
        Assert.Equal(1, kernel.MinBlocksPerMultiprocessor);
        Assert.Equal([0L, 8L, 16L], kernel.Parameters.Select(p => p.Offset));
        Assert.Equal(40, kernel.ParameterByteLength);
        Assert.Equal([0L, 200L], kernel.SharedVariables.Select(v => v.Offset));
        Assert.Equal((216, true), (kernel.StaticSharedByteLength, kernel.UsesDynamicShared));
        Assert.Equal(224, kernel.Instructions[2].Operands[1].Variable!.Offset);
        Assert.Equal(["Kernel.cs:10", "Kernel.cs:12", "Kernel.cs:10"], kernel.Instructions.Take(3).Select(i => i.Source));
        var table = module.Variables.Single(v => v.Space == PtxSpace.Const);
        Assert.Equal([1f, 2f, -0.5f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(table.Initial!).ToArray());
        var compare = kernel.Instructions[3];
        Assert.Equal((PtxType.U32, 0xFFFFFFFFUL, true), (compare.Type, compare.Operands[2].Bits, compare.Operands[3].Negated));
        var branch = kernel.Instructions[4];
        Assert.Equal(("%p1", true, 6), (branch.Guard!.Name, branch.GuardNegated, branch.Operands[0].Target));
        Assert.Equal(-8, kernel.Instructions[5].Operands[0].Offset);
    }

    [Fact]
    public void Read_LocDirectives_BecomeSources()
    {
        var text = InvalidTexts.Kernel(".loc 1 42 3\nmov.b32 %r0, 1;\n.loc 1 43 0\nret;")
            .Replace(".visible", ".file 1 \"src/Kernels/Gemm.cs\"\n.visible", StringComparison.Ordinal);
        Assert.Equal(["Gemm.cs:42", "Gemm.cs:43"], PtxReader.Read(text).Kernels[0].Instructions.Select(i => i.Source));
    }

    /// <summary>Hostile input: every cut and a few thousand random edits end in a list of errors or in a module.</summary>
    [Fact]
    public void Check_CutAndMangledTexts_NeverThrowAnythingElse()
    {
        var text = InvalidTexts.Kernel("ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%rd0+16]; // A.cs:1\n@%p0 bra END;\nadd.f32 %f0, %f1, 0f3F800000;\nEND: ret;");
        var body = text.IndexOf(".visible", StringComparison.Ordinal) + 9;
        for (var length = 0; length < text.Length; length++)
        {
            var errors = PtxReader.Check(text[..length]);
            Assert.True(length < body || errors.Count > 0, $"the first {length} characters passed");
        }

        var random = new Random(5);
        const string Pieces = "{}[]()<>,;:@!|=+-%.09azAZ_$\"/*\n ";
        for (var round = 0; round < 3000; round++)
        {
            var mangled = text.ToCharArray();
            for (var edits = random.Next(1, 6); edits > 0; edits--) mangled[random.Next(mangled.Length)] = Pieces[random.Next(Pieces.Length)];
            _ = PtxReader.Check(new string(mangled));
        }
    }
}
