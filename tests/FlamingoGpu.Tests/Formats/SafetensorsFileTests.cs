using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class SafetensorsFileTests
{
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
}
