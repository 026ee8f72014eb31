using System.Runtime.InteropServices;
using System.Text;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class SafetensorsFileTests
{
    public static TheoryData<DType> AllDTypes => [.. SafetensorsDTypes.All];

    [Fact]
    public void Open_GoldenCheckpoint_ListsTensorsThatTileTheFile()
    {
        var path = GoldenFolder.File("openflamingo-mpt1b", "checkpoint.safetensors");
        using var file = SafetensorsFile.Open(path);

        Assert.True(file.TryGet("perceiver.latents", out var latents));
        Assert.Equal(DType.F32, latents.DType);
        Assert.Equal(latents.Shape.ElementCount * 4, file.Read(latents).Bytes.Length);
        var last = file.Entries[^1];
        Assert.Equal(new FileInfo(path).Length, last.Offset + last.ByteLength);
    }

    [Fact]
    public void Open_ShardedFolder_GivesEveryTensorOfTheIndex()
    {
        using var source = TensorSources.Open(GoldenFolder.File("openflamingo-mpt7b", "lm"));
        var sharded = Assert.IsType<ShardedTensors>(source);
        Assert.Equal(2, sharded.Shards.Count);
        Assert.Equal(sharded.Shards.Sum(shard => shard.Entries.Count), sharded.Entries.Count);
        Assert.All(sharded.Entries, entry => Assert.Equal(entry.ByteLength, source.Read(entry).ByteLength));
    }

    [Fact]
    public void Open_LegalOddities_AreAccepted()
    {
        using var folder = new TestFolder();
        var header = $$"""
            {"__metadata__": {"format": "pt", "é": "🦩"}, {{TestSafetensors.Tensor("scalar", "F32", "[]", 3, 7)}},
            {{TestSafetensors.Tensor("empty", "F64", "[0, 9223372036854775807]", 3, 3)}},
            {{TestSafetensors.Tensor("last empty", "I8", "[5, 0]", 7, 7)}},
            {{TestSafetensors.Tensor("odd \ud83e\udda9", "U8", "[1, 3, 1]", 0, 3)}}}
            """ + "        ";
        using var file = SafetensorsFile.Open(folder.Write("odd.safetensors", TestSafetensors.File(header, 7)));

        Assert.Equal(["odd 🦩", "empty", "scalar", "last empty"], file.Entries.Select(entry => entry.Name));
        Assert.Equal(("pt", "🦩"), (file.Metadata["format"], file.Metadata["é"]));
        Assert.Equal([0, 1, 2], Bytes(file, "odd 🦩"));
        Assert.Equal([3, 4, 5, 6], Bytes(file, "scalar"));
        Assert.Empty(Bytes(file, "empty"));
        Assert.Empty(Bytes(file, "last empty"));
        Assert.Equal(Shape.Scalar, file.Entries[2].Shape);
    }

    [Fact]
    public void Open_EmptyHeader_HasNoTensors()
    {
        using var folder = new TestFolder();
        using var file = SafetensorsFile.Open(folder.Write("none", TestSafetensors.File("{}")));
        Assert.Empty(file.Entries);
        Assert.Empty(file.Metadata);
    }

    [Theory]
    [MemberData(nameof(AllDTypes))]
    public void Open_EveryDType_HasItsSize(DType dtype)
    {
        using var folder = new TestFolder();
        var bytes = (int)dtype.ByteSize(8);
        var header = $"{{{TestSafetensors.Tensor("t", SafetensorsDTypes.NameOf(dtype)!, "[2, 4]", 0, bytes)}}}";
        using var file = SafetensorsFile.Open(folder.Write("all", TestSafetensors.File(header, bytes)));
        Assert.Equal((dtype, (long)bytes), (file.Entries[0].DType, file.Entries[0].ByteLength));
        Assert.Equal(bytes, file.Read(file.Entries[0]).Bytes.Length);
    }

    [Fact]
    public void SafetensorsDTypes_AllOfTheFormat_Are22() => Assert.Equal(22, SafetensorsDTypes.All.Count());

    [Fact]
    public void Read_TensorBeyond2GiB_GivesItsBytes()
    {
        using var folder = new TestFolder();
        const long Large = 2_300_000_011;
        var header = $"{{{TestSafetensors.Tensor("large", "U8", $"[{Large}]", 0, Large)},"
            + $"{TestSafetensors.Tensor("beyond", "I32", "[3]", Large, Large + 12)}}}";
        var path = folder.File("sparse.safetensors");
        using (var stream = File.Create(path))
        {
            stream.Write(TestSafetensors.File(header));
            var dataStart = stream.Position;
            stream.SetLength(dataStart + Large + 12);
            stream.Position = dataStart + Large - 1;
            stream.WriteByte(7);
            stream.Write(MemoryMarshal.AsBytes<int>([11, 22, 33]));
        }
        using var file = SafetensorsFile.Open(path);
        Assert.True(file.TryGet("beyond", out var beyond));
        Assert.True(beyond.Offset > int.MaxValue);
        Assert.Equal([11, 22, 33], MemoryMarshal.Cast<byte, int>(file.Read(beyond).Bytes).ToArray());
        Assert.True(file.TryGet("large", out var large));
        var data = file.Read(large);
        Assert.Equal(Large, data.ByteLength);
        Assert.Equal(7, Marshal.ReadByte((nint)(data.Address + Large - 1)));
        Assert.Throws<OverflowException>(() => data.Bytes.Length);
    }

    [Fact]
    public void Read_EntryOfAnotherFile_Throws()
    {
        using var mpt = SafetensorsFile.Open(GoldenFolder.File("openflamingo-mpt1b", "checkpoint.safetensors"));
        using var llama = SafetensorsFile.Open(GoldenFolder.File("openflamingo-llama", "checkpoint.safetensors"));
        Assert.Throws<ArgumentException>(() => mpt.Read(llama.Entries[0]));
    }

    [Fact]
    public void Read_AfterDispose_Throws()
    {
        var file = SafetensorsFile.Open(GoldenFolder.File("openflamingo-llama", "checkpoint.safetensors"));
        var entry = file.Entries[0];
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read(entry));
    }

    [Fact]
    public void Open_ContentOfAnotherKindThanItsExtension_IsToldByContent()
    {
        using var folder = new TestFolder();
        using var safetensors = TensorSources.Open(folder.Write("weights.pt", TestSafetensors.File("{}")));
        Assert.IsType<SafetensorsFile>(safetensors);
        var archive = TestPickle.Archive(TestPickle.StateDict(("w", [2], [1], 2)), 2);
        using var torch = TensorSources.Open(folder.Write("weights.safetensors", archive));
        Assert.IsType<TorchArchive>(torch);
    }

    [Fact]
    public void Open_Folder_PrefersSafetensorsOverTorch()
    {
        using var folder = new TestFolder();
        folder.Write("pytorch_model.bin", TestPickle.Archive(TestPickle.StateDict(("w", [2], [1], 2)), 2));
        using (var torch = TensorSources.Open(folder.Path)) Assert.IsType<TorchArchive>(torch);
        folder.Write("model.safetensors", TestSafetensors.File("{}"));
        using (var safetensors = TensorSources.Open(folder.Path)) Assert.IsType<SafetensorsFile>(safetensors);
    }

    [Fact]
    public void Open_HeaderOfManyTensors_TakesLinearTime()
    {
        var header = new StringBuilder("{");
        const int Count = 100_000;
        for (var i = 0; i < Count; i++)
            header.Append(i == 0 ? "" : ",").Append(TestSafetensors.Tensor($"t{i}", "U8", "[1]", i, i + 1));
        using var folder = new TestFolder();
        var path = folder.Write("many", TestSafetensors.File(header.Append('}').ToString(), Count));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(Count, file.Entries.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}");
    }

    private static byte[] Bytes(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGet(name, out var entry));
        return file.Read(entry).Bytes.ToArray();
    }
}
