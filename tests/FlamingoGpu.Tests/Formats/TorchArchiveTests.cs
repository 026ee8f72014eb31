using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

/// <summary>Files that Debian's python3-torch saved (tests/golden/torch/make_fixtures.py), against its own values.</summary>
public sealed class TorchArchiveTests
{
    [Theory]
    [InlineData("protocol2.pt")]
    [InlineData("protocol3.pt")]
    [InlineData("protocol4.pt")]
    [InlineData("protocol5.pt")]
    [InlineData("state-dict.pt")]
    [InlineData("training-protocol2.pt")]
    [InlineData("training-protocol5.pt")]
    [InlineData("module-prefix.bin")]
    [InlineData("module-prefix-mixed.bin")]
    [InlineData("scripted.pt")]
    [InlineData("traced.pt")]
    public void Open_FileOfTorch_GivesTheTensorsTorchHad(string name)
    {
        using var actual = TensorSources.Open(GoldenFolder.File("torch", name));
        using var expected = SafetensorsFile.Open(GoldenFolder.File("torch", name + ".expected.safetensors"));
        Assert.IsType<TorchArchive>(actual);
        TensorAssert.Same(expected, actual);
    }

    [Fact]
    public void Open_PublishedLayout_EqualsItsSafetensorsTwin()
    {
        using var actual = TensorSources.Open(GoldenFolder.File("openflamingo-mpt1b", "checkpoint.pt"));
        using var expected = TensorSources.Open(GoldenFolder.File("openflamingo-mpt1b", "checkpoint.safetensors"));
        TensorAssert.Same(expected, actual);
    }

    [Theory]
    [InlineData("openflamingo-mpt1b")]
    [InlineData("openflamingo-neox")]
    [InlineData("openflamingo-opt")]
    public void Open_PublishedLayout_HasTheBytesThatTorchLoads(string folder)
    {
        var hashes = File.ReadAllBytes(GoldenFolder.File("torch", "checkpoints.sha256.json"));
        using var document = JsonDocument.Parse(hashes);
        var expected = document.RootElement.GetProperty(folder).EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value.GetString());
        using var archive = TorchArchive.Open(GoldenFolder.File(folder, "checkpoint.pt"));
        var actual = archive.Entries.ToDictionary(
            entry => entry.Name, entry => (string?)Convert.ToHexStringLower(SHA256.HashData(archive.Read(entry).Bytes)));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Open_TrainingCheckpoint_ListsItsLeftovers()
    {
        using var archive = TorchArchive.Open(GoldenFolder.File("torch", "training-protocol2.pt"));
        Assert.Contains("epoch", archive.OtherKeys);
        Assert.Contains("optimizer_state_dict", archive.OtherKeys);
        Assert.DoesNotContain("model_state_dict", archive.OtherKeys);
        Assert.False(archive.IsTorchScript);
    }

    [Fact]
    public void Open_WrapperBesideALooseTensor_TakesTheWrapped()
    {
        var pickle = new TestPickle().Op('}').Op('(')
            .Text("step").Tensor("0", 6, 0, [], [])
            .Text("model_state_dict").Op('}').Text("module.w").Tensor("0", 6, 1, [2], [1]).Op('s')
            .Op('u').Stop();
        using var folder = new TestFolder();
        using var archive = TorchArchive.Open(folder.Write("t.pt", TestPickle.Archive(pickle, 6)));
        Assert.Equal(["w"], archive.Entries.Select(entry => entry.Name));
        Assert.Equal(["step"], archive.OtherKeys);
    }

    [Fact]
    public void Open_TorchScript_TakesTensorsAndNamesSettings()
    {
        using var archive = TorchArchive.Open(GoldenFolder.File("torch", "scripted.pt"));
        Assert.True(archive.IsTorchScript);
        Assert.Contains("visual.0.weight", archive.Entries.Select(entry => entry.Name));
        Assert.Contains("width", archive.OtherKeys);
    }

    [Fact]
    public void Read_ContiguousTensors_AreMappedAndTiedOnesShareTheirBytes()
    {
        using var archive = TorchArchive.Open(GoldenFolder.File("torch", "protocol2.pt"));
        var weight = Read(archive, "weight");
        Assert.Equal(weight, Read(archive, "tied"));
        Assert.Equal(weight, Read(archive, "weight"));
        var transposed = Read(archive, "transposed");
        Assert.NotEqual(Read(archive, "shared").Address, transposed.Address);
        Assert.Equal(transposed, Read(archive, "transposed"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Open_ArchiveOfOtherZipTools_GivesTheSame(bool deflate, bool zip64)
    {
        var pickle = TestPickle.StateDict(("w", [2, 3], [3, 1], 6), ("t", [3, 2], [1, 3], 6), ("odd", [443], [1], 443));
        using var folder = new TestFolder();
        var zip = new TestZip { UseZip64 = zip64, Comment = "made by hand" };
        zip.Add("m/data.pkl", pickle, deflate).Add("m/version", "3\n"u8.ToArray()).Add("m/byteorder", "little"u8.ToArray());
        foreach (var (count, i) in new[] { 6, 6, 443 }.Select((count, i) => (count, i)))
            zip.Add($"m/data/{i}", TestPickle.Floats(count), deflate);
        using var archive = TorchArchive.Open(folder.Write("m.pt", zip.Build()));
        Assert.Equal([0, 1, 2, 3, 4, 5], Floats(archive, "w"));
        Assert.Equal([0, 3, 1, 4, 2, 5], Floats(archive, "t"));
        Assert.Equal(Enumerable.Range(0, 443).Select(i => (float)i), Floats(archive, "odd"));
    }

    [Fact]
    public void Open_NewerRebuildFunctions_AreKnown()
    {
        // Versions after 2.0 write dtypes without a storage class through v3, and subclasses through from_type_v2.
        var pickle = new TestPickle().Op('}').Op('(')
            .Text("v3").Global("torch._utils", "_rebuild_tensor_v3").Op('(')
            .Op('(').Text("storage").Global("torch.storage", "UntypedStorage").Text("0").Text("cpu").Long(24).Op('t').Op('Q')
            .Long(2).Tuple(3).Tuple(1).Raw(0x89).Op('}').Global("torch", "uint16").Op('t').Op('R')
            .Text("typed").Global("torch._tensor", "_rebuild_from_type_v2").Op('(')
            .Global("torch._utils", "_rebuild_tensor_v2").Global("torch.nn.parameter", "Buffer")
            .Op('(').Storage("0", 6).Long(1).Tuple(2).Tuple(2).Raw(0x89).Op('}').Op('t')
            .Op('}').Op('t').Op('R')
            .Op('u').Stop();
        using var folder = new TestFolder();
        using var archive = TorchArchive.Open(folder.Write("new.pt", TestPickle.Archive(pickle, 6)));
        Assert.True(archive.TryGet("v3", out var v3));
        Assert.Equal((DType.U16, Shape.Create([3])), (v3.DType, v3.Shape));
        Assert.Equal(TestPickle.Floats(6).AsSpan(4, 6), archive.Read(v3).Bytes);
        Assert.Equal([1, 3], Floats(archive, "typed"));
    }

    [Fact]
    public void Read_FromManyThreads_GathersOnce()
    {
        var pickle = TestPickle.StateDict(("t", [127, 31], [1, 127], 127 * 31));
        using var folder = new TestFolder();
        using var archive = TorchArchive.Open(
            folder.Write("t.pt", TestPickle.Zip(pickle, deflate: true, 127 * 31).Build()));
        var seen = new TensorData[8];
        var threads = Enumerable.Range(0, seen.Length)
            .Select(i => new Thread(() => seen[i] = archive.Read(archive.Entries[0]))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Single(seen.Distinct());
        Assert.Equal([0, 127, 254], Floats(archive, "t")[..3]);
    }

    [Fact]
    public void Read_AfterDispose_Throws()
    {
        var archive = TorchArchive.Open(GoldenFolder.File("torch", "protocol2.pt"));
        archive.Dispose();
        archive.Dispose();
        Assert.All(archive.Entries, entry => Assert.Throws<ObjectDisposedException>(() => archive.Read(entry)));
    }

    [Fact]
    public void Open_ShardsOfTorch_GivesTheWholeModelWithoutModulePrefix()
    {
        using var actual = TensorSources.Open(GoldenFolder.File("torch", "sharded"));
        using var expected = SafetensorsFile.Open(GoldenFolder.File("torch", "sharded", "expected.safetensors"));
        Assert.Equal(2, Assert.IsType<ShardedTensors>(actual).Shards.Count);
        TensorAssert.Same(expected, actual);
    }

    private static TensorData Read(TorchArchive archive, string name)
    {
        Assert.True(archive.TryGet(name, out var entry));
        return archive.Read(entry);
    }

    private static float[] Floats(TorchArchive archive, string name) =>
        MemoryMarshal.Cast<byte, float>(Read(archive, name).Bytes).ToArray();
}
