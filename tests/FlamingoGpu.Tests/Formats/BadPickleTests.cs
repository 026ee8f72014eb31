using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class BadPickleTests
{
    /// <summary>Where the pickle begins in the archives of <see cref="TestPickle.Archive"/>.</summary>
    private const int PickleAt = 30 + 16;

    private static readonly Dictionary<string, BadFile> Files = new()
    {
        ["protocol-0"] = Bad([(byte)'(', (byte)'d', (byte)'.'], "protocol 2 to 5", at: 0),
        ["protocol-9"] = Bad([0x80, 9, (byte)'.'], "protocol 2 to 5", at: 0),
        ["protocol-changes"] = Bad([0x80, 2, 0x80, 7, (byte)'.'], "pickle protocol 7", at: 2),
        ["empty-pickle"] = Bad([], "protocol 2 to 5", at: 0),
        ["no-stop"] = Bad([0x80, 2, (byte)'}'], "cut off", at: 3),
        ["nothing-left"] = Bad([0x80, 2, (byte)'.'], "0 values instead of one", at: 2),
        ["two-values-left"] = Bad([0x80, 2, (byte)'}', (byte)'}', (byte)'.'], "2 values instead of one", at: 4),
        ["mark-left"] = Bad([0x80, 2, (byte)'}', (byte)'(', (byte)'.'], "instead of one", at: 4),

        ["global-os-system"] = Bad(
            new TestPickle().Global("os", "system").Op('(').Text("true").Op('t').Op('R').Stop(), "'os.system'", at: 2),
        ["global-posix-system"] = Bad(new TestPickle().Global("posix", "system").Stop(), "'posix.system'", at: 2),
        ["global-builtins-eval"] = Bad(new TestPickle().Global("builtins", "eval").Stop(), "'builtins.eval'", at: 2),
        ["global-python-2-eval"] = Bad(new TestPickle().Global("__builtin__", "eval").Stop(), "'__builtin__.eval'", at: 2),
        ["global-getattr"] = Bad(new TestPickle().Global("builtins", "getattr").Stop(), "'builtins.getattr'", at: 2),
        ["global-load-from-bytes"] = Bad(
            new TestPickle().Global("torch.storage", "_load_from_bytes").Stop(), "'torch.storage._load_from_bytes'", at: 2),
        ["global-numpy"] = Bad(
            new TestPickle().Global("numpy.core.multiarray", "_reconstruct").Stop(), "'numpy.core.multiarray._reconstruct'", at: 2),
        ["global-quantized-storage"] = Bad(new TestPickle().Global("torch", "QInt8Storage").Stop(), "'torch.QInt8Storage'", at: 2),
        ["global-name-with-dot-in-module"] = Bad(
            new TestPickle().Global("collections.OrderedDict", "popitem").Stop(), "'collections.OrderedDict.popitem'", at: 2),
        ["global-by-stack"] = Bad(
            new TestPickle().Text("subprocess").Text("run").Raw(0x93).Stop(), "'subprocess.run'", at: -1),
        ["global-by-stack-of-numbers"] = Bad(new TestPickle().Long(1).Long(2).Raw(0x93).Stop(), "two strings", at: -1),
        ["global-without-end"] = Bad(
            new TestPickle().Raw((byte)'c').Raw(new byte[2000]).Stop(), "no end within", at: 2),
        ["script-class-outside-torchscript"] = Bad(
            new TestPickle().Global("__torch__.model", "Tiny").Op(')').Raw(0x81).Stop(), "'__torch__.model.Tiny'", at: 2),
        ["script-tag-outside-torchscript"] = Bad(
            new TestPickle().Global("torch.jit._pickle", "restore_type_tag").Stop(), "'torch.jit._pickle.restore_type_tag'", at: 2),
        ["opcode-inst"] = Bad(new TestPickle().Op('(').Op('i').Stop(), "opcode 0x69", at: 3),
        ["opcode-obj"] = Bad(new TestPickle().Op('(').Op('o').Stop(), "opcode 0x6F", at: 3),
        ["opcode-extension"] = Bad(new TestPickle().Raw(0x82, 1).Stop(), "opcode 0x82", at: 2),
        ["opcode-out-of-band-buffer"] = Bad(new TestPickle().Raw(0x97).Stop(), "opcode 0x97", at: 2),
        ["opcode-text-persistent-id"] = Bad(new TestPickle().Op('P').Stop(), "opcode 0x50", at: 2),
        ["opcode-unknown"] = Bad(new TestPickle().Raw(0xFF).Stop(), "opcode 0xFF", at: 2),
        ["call-of-a-string"] = Bad(new TestPickle().Text("eval").Op(')').Op('R').Stop(), "what is no global", at: -1),
        ["call-without-tuple"] = Bad(
            new TestPickle().Global("collections", "OrderedDict").Op('}').Op('R').Stop(), "tuple of arguments", at: -1),
        ["call-of-a-storage-class"] = Bad(
            new TestPickle().Global("torch", "FloatStorage").Op(')').Op('R').Stop(), "call of 'torch.FloatStorage'", at: -1),
        ["new-of-a-storage-class"] = Bad(
            new TestPickle().Global("torch", "FloatStorage").Op(')').Raw(0x81).Stop(), "instance of 'torch.FloatStorage'", at: -1),
        ["new-of-a-number"] = Bad(new TestPickle().Long(3).Op(')').Raw(0x81).Stop(), "what is no class", at: -1),
        ["state-for-a-number"] = Bad(new TestPickle().Long(3).Op('}').Op('b').Stop(), "takes none", at: -1),

        ["stack-empty"] = Bad(new TestPickle().Op('0').Stop(), "stack is empty", at: 2),
        ["stack-below-mark"] = Bad(new TestPickle().Op('}').Op('(').Raw(0x85).Stop(), "stack is empty", at: 4),
        ["mark-missing"] = Bad(new TestPickle().Op('t').Stop(), "no mark", at: 2),
        ["memo-never-written"] = Bad(new TestPickle().Raw((byte)'h', 7).Stop(), "memo entry 7", at: 2),
        ["memo-of-nothing"] = Bad(new TestPickle().Raw(0x94).Stop(), "stack is empty", at: 2),
        ["items-on-a-list"] = Bad(new TestPickle().Op(']').Op('(').Op('u').Stop(), "not a dictionary", at: 4),
        ["elements-on-a-dictionary"] = Bad(new TestPickle().Op('}').Op('N').Op('a').Stop(), "not a list", at: 4),
        ["elements-on-a-set-that-is-none"] = Bad(new TestPickle().Op('}').Op('(').Raw(0x90).Stop(), "not a set", at: 4),
        ["key-without-value"] = Bad(new TestPickle().Op('}').Op('(').Text("k").Op('u').Stop(), "key without a value", at: -1),
        ["string-longer-than-file"] = Bad(
            new TestPickle().Raw((byte)'X', 0xFF, 0xFF, 0xFF, 0x7F).Stop(), "cut off", at: 2),
        ["string-of-64-bit-length"] = Bad(
            new TestPickle().Raw(0x8D).Raw([.. Enumerable.Repeat((byte)0xFF, 8)]).Stop(), "cut off", at: 2),
        ["integer-longer-than-file"] = Bad(
            new TestPickle().Raw(0x8B, 0xFF, 0xFF, 0xFF, 0xFF).Stop(), "cut off", at: 2),
        ["string-not-utf8"] = Bad(new TestPickle().Raw(0x8C, 1, 0xFF).Stop(), "not UTF-8", at: 2),

        ["storage-id-is-a-string"] = Bad(new TestPickle().Text("x").Op('Q').Stop(), "persistent id", at: -1),
        ["storage-missing"] = Tensor(pickle => pickle.Tensor("1", 6, 0, [6], [1]), "'archive/data/1'"),
        ["storage-by-path"] = Tensor(pickle => pickle.Tensor("../data.pkl", 6, 0, [6], [1]), "is not in the archive"),
        ["storage-too-short"] = Tensor(pickle => pickle.Tensor("0", 7, 0, [7], [1]), "28 bytes, but has 24"),
        ["storage-count-negative"] = Tensor(pickle => pickle.Tensor("0", -1, 0, [0], [1]), "claims -1 elements"),
        ["storage-count-overflows"] = Tensor(pickle => pickle.Tensor("0", long.MaxValue, 0, [6], [1]), "claims 9223372036854775807"),
        ["storage-of-a-dtype"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [6], [1], "float32"), "persistent id"),
        ["tensor-beyond-storage"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [7], [1]), "beyond its storage of 6"),
        ["tensor-offset-beyond-storage"] = Tensor(pickle => pickle.Tensor("0", 6, 1, [6], [1]), "beyond its storage of 6"),
        ["tensor-offset-negative"] = Tensor(pickle => pickle.Tensor("0", 6, -1, [6], [1]), "negative offset"),
        ["tensor-offset-huge"] = Tensor(pickle => pickle.Tensor("0", 6, long.MaxValue, [6], [1]), "beyond its storage"),
        ["tensor-empty-beyond-storage"] = Tensor(pickle => pickle.Tensor("0", 6, 7, [0], [1]), "beyond its storage"),
        ["tensor-stride-beyond-storage"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [2, 3], [4, 1]), "beyond its storage"),
        ["tensor-stride-huge"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [2, 2], [long.MaxValue, long.MaxValue]), "beyond its storage"),
        ["tensor-stride-negative"] = Tensor(pickle => pickle.Tensor("0", 6, 5, [6], [-1]), "not negative"),
        ["tensor-size-negative"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [-6], [1]), "not negative"),
        ["tensor-size-overflows"] = Tensor(
            pickle => pickle.Tensor("0", 6, 0, [1L << 40, 1L << 40], [0, 0]), "overflows"),
        ["tensor-bytes-overflow"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [1L << 62], [0]), "overflows"),
        ["tensor-rank-differs-from-strides"] = Tensor(pickle => pickle.Tensor("0", 6, 0, [2, 3], [1]), "2 extents has 1 strides"),
        ["tensor-rank-17"] = Tensor(
            pickle => pickle.Tensor("0", 6, 0, [.. Enumerable.Repeat(1L, 17)], [.. Enumerable.Repeat(1L, 17)]), "more than 16"),
        ["tensor-expanded-to-a-bomb"] = new(
            folder => folder.Write("bad.pt", TestPickle.Archive(
                Dict(pickle => pickle.Text("bomb").Tensor("0", 6, 0, [1L << 40], [0])), 6)), "more than 4 times the memory", "bomb"),
        ["tensor-of-nothing"] = Tensor(
            pickle => pickle.Global("torch._utils", "_rebuild_tensor_v2").Op(')').Op('R'), "needs a storage"),
        ["tensor-size-of-strings"] = Tensor(
            pickle => pickle.Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage("0", 6).Long(0)
                .Op('(').Text("6").Op('t').Tuple(1).Op('t').Op('R'), "integers that are not negative"),
        ["parameter-of-nothing"] = Tensor(
            pickle => pickle.Global("torch._utils", "_rebuild_parameter").Op(')').Op('R'), "needs a tensor"),
        ["rebuild-from-type-of-itself"] = Tensor(
            pickle => pickle.Global("torch._tensor", "_rebuild_from_type_v2").Op('(')
                .Global("torch._tensor", "_rebuild_from_type_v2").Global("torch", "Tensor").Op(')').Op('N').Op('t').Op('R'),
            "of 'torch._tensor._rebuild_from_type_v2' is refused"),

        ["root-is-none"] = Bad(new TestPickle().Op('N').Stop(), "holds None"),
        ["root-is-a-list"] = Bad(new TestPickle().Op(']').Stop(), "holds a list"),
        ["root-is-a-tuple"] = Bad(new TestPickle().Op(')').Stop(), "holds a tuple"),
        ["root-without-tensors"] = Bad(Dict(pickle => pickle.Text("epoch").Long(3)), "its keys are: epoch"),
        ["two-dictionaries-of-tensors"] = Bad(
            Dict(pickle => pickle
                .Text("left").Op('}').Text("w").Tensor("0", 6, 0, [6], [1]).Op('s')
                .Text("right").Op('}').Text("w").Tensor("0", 6, 0, [6], [1]).Op('s')), "several dictionaries of tensors"),
        ["tensor-named-twice"] = new(
            folder => folder.Write("bad.pt", TestPickle.Archive(
                Dict(pickle => pickle.Text("w").Tensor("0", 6, 0, [6], [1]).Text("w").Tensor("0", 6, 0, [6], [1])), 6)),
            "names it twice", "w"),
        ["dictionary-copied-over-and-over"] = Bad(EndlessCopies(), "over and over"),
        ["wrappers-in-wrappers"] = Bad(Wrapped(3000), "no named tensors"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_BadPickle_IsRefusedByName(string name) => Files[name].Check(BadTorchArchiveTests.OpenAndReadAll);

    [Fact]
    public void Open_BadPickleThatWasCompressed_SaysTheByteOfTheUnpackedPickle()
    {
        var pickle = new TestPickle().Global("os", "system").Stop();
        var bad = BadFile.Of(TestPickle.Zip(pickle, deflate: true).Build(), "byte 2 of the unpacked pickle");
        bad.Check(BadTorchArchiveTests.OpenAndReadAll);
    }

    [Fact]
    public void Open_ModuleThatContainsItself_IsRefused()
    {
        var pickle = new TestPickle().Global("__torch__", "Loop").Op(')').Raw(0x81).Raw((byte)'q', 0)
            .Op('}').Text("again").Raw((byte)'h', 0).Op('s').Op('b').Stop();
        CheckScript(pickle, "contains itself");
    }

    [Fact]
    public void Open_ModuleOfManySharedLevels_IsRefusedInTime()
    {
        // Thirty levels, each holding the next one twice: 2^30 paths in a few hundred bytes.
        var pickle = new TestPickle().Global("__torch__", "Leaf").Raw((byte)'q', 0);
        pickle.Op(')').Raw(0x81);
        for (var level = 0; level < 30; level++)
        {
            pickle.Raw((byte)'q', 1).Op('0').Raw((byte)'h', 0).Op(')').Raw(0x81).Op('}').Op('(')
                .Text("a").Raw((byte)'h', 1).Text("b").Raw((byte)'h', 1).Op('u').Op('b');
        }
        CheckScript(pickle.Stop(), "nested too deep");
    }

    [Fact]
    public void Open_DeeplyNestedLists_NeedsNoStack()
    {
        var pickle = new TestPickle().Op('}').Text("deep");
        for (var depth = 0; depth < 100_000; depth++) pickle.Op(']');
        for (var depth = 0; depth < 99_999; depth++) pickle.Op('a');
        pickle.Op('s').Text("w").Tensor("0", 6, 0, [6], [1]).Op('s');
        using var folder = new TestFolder();
        using var archive = TorchArchive.Open(folder.Write("deep.pt", TestPickle.Archive(pickle.Stop(), 6)));
        Assert.Equal(["w"], archive.Entries.Select(entry => entry.Name));
        Assert.Equal(["deep"], archive.OtherKeys);
    }

    private static void CheckScript(byte[] pickle, string phrase)
    {
        var zip = TestPickle.Zip(pickle, false).Add("archive/constants.pkl", [1]).Build();
        BadFile.Of(zip, phrase).Check(BadTorchArchiveTests.OpenAndReadAll);
    }

    private static BadFile Bad(byte[] pickle, string phrase, long? at = null) =>
        BadFile.Of(TestPickle.Archive(pickle, 6), phrase, offset: at is >= 0 ? PickleAt + at : at);

    private static BadFile Tensor(Func<TestPickle, TestPickle> tensor, string phrase) =>
        BadFile.Of(TestPickle.Archive(Dict(pickle => tensor(pickle.Text("my.weight"))), 6), phrase, "my.weight", -1);

    private static byte[] Dict(Func<TestPickle, TestPickle> items) =>
        items(new TestPickle().Op('}').Op('(')).Op('u').Stop();

    /// <summary>A dictionary of a thousand items, then a thousand dictionaries made from it.</summary>
    private static byte[] EndlessCopies()
    {
        var pickle = new TestPickle().Global("collections", "OrderedDict").Raw((byte)'q', 0).Op('0').Op('}').Op('(');
        for (var i = 0; i < 1000; i++) pickle.Op('N').Op('N');
        pickle.Op('u').Raw(0x85).Raw((byte)'q', 1).Op('0').Op(']').Op('(');
        for (var i = 0; i < 1000; i++) pickle.Raw((byte)'h', 0).Raw((byte)'h', 1).Op('R');
        return pickle.Op('e').Stop();
    }

    private static byte[] Wrapped(int depth)
    {
        var pickle = new TestPickle().Op('}');
        for (var i = 1; i < depth; i++) pickle.Text("state_dict").Op('}');
        for (var i = 1; i < depth; i++) pickle.Op('s');
        return pickle.Stop();
    }
}
