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

    [Theory]
    [InlineData("openflamingo-mpt1b", "checkpoint.pt", "checkpoint.safetensors")]
    public void Open_PublishedLayout_EqualsItsSafetensorsTwin(string folder, string torch, string safetensors)
    {
        using var actual = TensorSources.Open(GoldenFolder.File(folder, torch));
        using var expected = TensorSources.Open(GoldenFolder.File(folder, safetensors));
        TensorAssert.Same(expected, actual);
    }

    [Fact]
    public void Open_ShardsOfTorch_GivesTheWholeModelWithoutModulePrefix()
    {
        using var actual = TensorSources.Open(GoldenFolder.File("torch", "sharded"));
        using var expected = SafetensorsFile.Open(GoldenFolder.File("torch", "sharded", "expected.safetensors"));
        Assert.Equal(2, Assert.IsType<ShardedTensors>(actual).Shards.Count);
        TensorAssert.Same(expected, actual);
    }
}
