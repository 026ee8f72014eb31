using FlamingoGpu.Models.Tiny;
using FlamingoGpu.Tests.Cli;

namespace FlamingoGpu.Tests.Models.Tiny;

public class TinyModelTests
{
    private static readonly string[] Names = ["flamingo.json", "model.safetensors", "tokenizer.json"];

    [Fact]
    public void Write_ShippedSeed_GivesTheShippedBytes()
    {
        using var folder = new TemporaryFolder();
        TinyModel.Write(folder.Path);
        Assert.Equal(Names, Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        foreach (var name in Names)
            Assert.True(
                File.ReadAllBytes(folder.File(name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Paths.Tiny, name))), name);
        Assert.True(Names.Sum(name => new FileInfo(folder.File(name)).Length) < 6_000_000);
        Assert.Contains("random weights", File.ReadAllText(folder.File("flamingo.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OtherSeed_GivesOtherWeights()
    {
        using var folder = new TemporaryFolder();
        TinyModel.Write(folder.Path, seed: 2);
        var (shipped, other) =
            (File.ReadAllBytes(Path.Combine(Paths.Tiny, Names[1])), File.ReadAllBytes(folder.File(Names[1])));
        Assert.Equal(shipped.Length, other.Length);
        Assert.False(shipped.AsSpan().SequenceEqual(other));
    }
}
