using System.Buffers.Binary;
using System.Text;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class BadTorchArchiveTests
{
    private static readonly byte[] GoodPickle = TestPickle.StateDict(("w", [2, 3], [3, 1], 6));

    private static readonly Dictionary<string, BadFile> Files = new()
    {
        ["empty-file"] = Bad([], "not a ZIP archive"),
        ["text-file"] = Bad("version https://git-lfs.github.com/spec/v1"u8.ToArray(), "not a ZIP archive", offset: 0),
        ["bare-pickle"] = Bad(GoodPickle, "bare pickle", offset: 0),
        ["tar-archive"] = Bad(Tar(), "tar archive", offset: 0),
        ["only-the-zip-signature"] = Bad([0x50, 0x4B, 3, 4], "too short", offset: 0),

        ["cut-off"] = Bad(Good()[..^30], "cut off", offset: -1),
        ["cut-in-end-record"] = Bad(Good()[..^1], "cut off", offset: -1),
        ["bytes-after-end"] = Bad([.. Good(), 0], "cut off", offset: -1),
        ["directory-outside-file"] = Bad(Zip().Build((zip, end) => U32(zip, end + 16, 0x00FF_FFFF)), "outside the file", offset: -1),
        ["directory-too-long"] = Bad(Zip().Build((zip, end) => U32(zip, end + 12, 0x00FF_FFFF)), "outside the file", offset: -1),
        ["directory-with-too-many-members"] = Bad(Zip().Build((zip, end) => U16(zip, end + 10, 60000)), "more than its", offset: -1),
        ["directory-cut-short"] = Bad(
            Zip().Build((zip, end) => U32(zip, end + 12, BitConverter.ToUInt32(zip, end + 12) - 5)), "ends within a member", offset: -1),
        ["directory-signature-wrong"] = Bad(
            Zip().Build((zip, end) => zip[BitConverter.ToInt32(zip, end + 16)] ^= 1), "wrong signature", offset: -1),
        ["several-disks"] = Bad(Zip().Build((zip, end) => U16(zip, end + 4, 1)), "several disks", offset: -1),
        ["zip64-announced-but-missing"] = Bad(
            Zip().Build((zip, end) => U32(zip, end + 16, uint.MaxValue)), "ZIP64 directory is announced but missing", offset: -1),
        ["zip64-end-outside-file"] = Bad(
            Zip(zip64: true).Build((zip, end) => I64(zip, end - 12, long.MaxValue)), "ZIP64 directory's end is said to lie", offset: -1),
        ["zip64-end-negative"] = Bad(
            Zip(zip64: true).Build((zip, end) => I64(zip, end - 12, -1)), "ZIP64 directory's end is said to lie", offset: -1),
        ["zip64-end-signature-wrong"] = Bad(
            Zip(zip64: true).Build((zip, end) => zip[end - 76] ^= 1), "wrong signature", offset: -1),
        ["zip64-directory-negative"] = Bad(
            Zip(zip64: true).Build((zip, end) => I64(zip, end - 28, -5)), "outside the file", offset: -1),
        ["zip64-count-huge"] = Bad(
            Zip(zip64: true).Build((zip, end) => I64(zip, end - 44, long.MaxValue)), "more than its", offset: -1),
        ["zip64-member-size-negative"] = Bad(Zip(zip64: true).Build(NegativeZip64Size), "missing or negative", offset: -1),

        ["member-encrypted"] = Lie(member => member with { Flags = 1 }, "encrypted"),
        ["member-compressed-otherwise"] = Lie(member => member with { Method = 12 }, "compression method 12"),
        ["member-name-differs"] = Lie(member => member with { LocalName = "archive/data/9" }, "another name"),
        ["member-name-not-utf8"] = Bad(Zip().Build(BreakName), "not UTF-8", offset: -1),
        ["member-header-outside"] = Lie(member => member with { HeaderOffset = 0x7FFF_FFFF }, "said to lie at"),
        ["member-header-elsewhere"] = Lie(member => member with { HeaderOffset = 3 }, "no header there"),
        ["member-larger-than-stored"] = Lie(member => member with { ByteLength = 25 }, "takes 24 bytes but claims 25"),
        ["member-reaches-into-directory"] = Lie(
            member => member with { ByteLength = 1000, StoredBytes = 1000 }, "reaches beyond"),
        ["member-twice"] = Bad(
            TestPickle.Zip(GoodPickle, false, 6).Add("archive/data/0", TestPickle.Floats(6)).Build(), "is there twice", offset: -1),
        ["members-overlap"] = Bad(Overlapping(), "overlaps the one before", offset: -1),
        ["bomb-beyond-deflate"] = Bad(
            Deflated(member => member with { ByteLength = 4_000_000_000 }), "which DEFLATE cannot", offset: -1),
        ["deflate-stream-damaged"] = Bad(
            Deflated(member => member with { Data = Damage(member.Data) }), "is damaged", offset: -1),
        ["deflate-stream-longer"] = Bad(
            new TestZip().Add("archive/data.pkl", TestPickle.StateDict(("w", [5], [1], 5)))
                .Add("archive/data/0", TestPickle.Floats(6), deflate: true, member => member with { ByteLength = 20 }).Build(),
            "unpacks to more than 20", offset: -1),
        ["deflate-stream-shorter"] = Bad(Deflated(member => member with { ByteLength = 28 }), "unpacks to 24 bytes instead", offset: -1),
        ["deflate-checksum-wrong"] = Bad(Deflated(member => member with { Checksum = 77 }), "checksum", offset: -1),
        ["pickle-checksum-wrong"] = Bad(
            new TestZip().Add("archive/data.pkl", GoodPickle, lie: member => member with { Checksum = 77 }).Build(),
            "checksum", offset: -1),

        ["no-pickle"] = Bad(new TestZip().Add("word/document.xml", [1]).Build(), "without '<name>/data.pkl'"),
        ["no-members"] = Bad([.. "PK\u0003\u0004"u8, .. new TestZip().Build()], "without '<name>/data.pkl'"),
        ["pickle-in-a-deeper-folder"] = Bad(
            new TestZip().Add("a/b/data.pkl", GoodPickle).Build(), "without '<name>/data.pkl'"),
        ["two-pickles"] = Bad(
            new TestZip().Add("a/data.pkl", GoodPickle).Add("b/data.pkl", GoodPickle).Build(), "has two pickles"),
        ["big-endian"] = Bad(
            TestPickle.Zip(GoodPickle, false, 6).Add("archive/byteorder", "big"u8.ToArray()).Build(), "byte order 'big'", offset: -1),
        ["pickle-too-large"] = Bad(
            new TestZip().Add("archive/data.pkl", new byte[17 * 1024 * 1024], deflate: true).Build(), "at most 16777216"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_BadArchive_IsRefusedByName(string name) => Files[name].Check(OpenAndReadAll);

    [Theory]
    [InlineData("legacy.pt", "legacy format", "torch.save(torch.load(old), new)")]
    [InlineData("bare-tensor.pt", "one unnamed tensor of shape [3]", "state_dict")]
    [InlineData("whole-module.pt", "global '__main__.Tiny'", "nothing of it was run")]
    [InlineData("sparse.pt", "global 'torch._utils._rebuild_sparse_tensor'", "nothing of it was run")]
    public void Open_FileOfTorchThatIsNoStateDict_SaysWhatItIs(string name, string what, string advice)
    {
        var error = Assert.Throws<Core.InvalidFileException>(() => TensorSources.Open(GoldenFolder.File("torch", name)));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EveryTruncationOfAGoodFile_IsRefused()
    {
        var good = Good();
        using var folder = new TestFolder();
        OpenAndReadAll(folder.Write("good", good));
        for (var length = 0; length < good.Length; length++)
        {
            var path = folder.Write("cut", good[..length]);
            Assert.Throws<Core.InvalidFileException>(() => TorchArchive.Open(path));
        }
    }

    internal static void OpenAndReadAll(string path)
    {
        using var source = TorchArchive.Open(path);
        foreach (var entry in source.Entries) source.Read(entry);
    }

    private static TestZip Zip(bool zip64 = false) => new TestZip { UseZip64 = zip64 }
        .Add("archive/data.pkl", GoodPickle).Add("archive/data/0", TestPickle.Floats(6));

    private static byte[] Good() => Zip().Build();

    private static byte[] Deflated(Func<TestZip.Member, TestZip.Member> lie) => new TestZip()
        .Add("archive/data.pkl", GoodPickle).Add("archive/data/0", TestPickle.Floats(6), deflate: true, lie).Build();

    private static BadFile Bad(byte[] bytes, string phrase, long? offset = null) => BadFile.Of(bytes, phrase, null, offset, "bad.pt");

    private static BadFile Lie(Func<TestZip.Member, TestZip.Member> lie, string phrase) => Bad(
        new TestZip().Add("archive/data.pkl", GoodPickle).Add("archive/data/0", TestPickle.Floats(6), lie: lie).Build(),
        phrase, offset: -1);

    /// <summary>The second member is a whole archive, and the third is said to be the member in it.</summary>
    private static byte[] Overlapping()
    {
        var inner = new TestZip().Add("archive/data/0", TestPickle.Floats(6)).Build();
        var innerAt = 30 + "archive/data.pkl".Length + GoodPickle.Length + 30 + "archive/zip".Length;
        return new TestZip().Add("archive/data.pkl", GoodPickle).Add("archive/zip", inner)
            .Add("archive/data/0", TestPickle.Floats(6), lie: member => member with { HeaderOffset = innerAt }).Build();
    }

    private static byte[] Damage(byte[] deflated)
    {
        var copy = (byte[])deflated.Clone();
        copy[0] = 0x07; // Final block of the reserved type.
        return copy;
    }

    private static void NegativeZip64Size(byte[] zip, int end)
    {
        // The last member's extra field of 28 bytes ends where the ZIP64 end record begins.
        var zip64End = (int)BinaryPrimitives.ReadInt64LittleEndian(zip.AsSpan(end - 12));
        I64(zip, zip64End - 24, -1);
    }

    private static void BreakName(byte[] zip, int end)
    {
        var directory = BitConverter.ToInt32(zip, end + 16);
        zip[directory + 46] = 0xFF;
    }

    private static byte[] Tar()
    {
        var bytes = new byte[1024];
        Encoding.ASCII.GetBytes("ustar").CopyTo(bytes, 257);
        return bytes;
    }

    private static void U16(byte[] bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);

    private static void U32(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);

    private static void I64(byte[] bytes, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
}
