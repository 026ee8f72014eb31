using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

public sealed class TensorConversionTests
{
    [Fact]
    public void ToSafetensors_TorchFile_KeepsEveryTensorAndAlignsIt()
    {
        using var folder = new TestFolder();
        using var source = TensorSources.Open(GoldenFolder.File("torch", "protocol4.pt"));
        var path = folder.File("converted.safetensors");
        TensorConversion.ToSafetensors(source, path);
        using var converted = SafetensorsFile.Open(path);
        using var expected = SafetensorsFile.Open(GoldenFolder.File("torch", "protocol4.pt.expected.safetensors"));
        TensorAssert.Same(expected, converted);
        Assert.All(converted.Entries, entry => Assert.Equal(0, entry.Offset % (entry.DType.BitSize() / 8)));
    }

    [Fact]
    public void ToSafetensors_WithOptions_ConvertsFloatsRenamesAndFilters()
    {
        using var folder = new TestFolder();
        using var source = TensorSources.Open(GoldenFolder.File("torch", "protocol2.pt"));
        var path = folder.File("converted.safetensors");
        TensorConversion.ToSafetensors(source, path, new TensorConversionOptions
        {
            DType = DType.BF16,
            Filter = entry => entry.Name is "transposed" or "long" or "half" or "double",
            Rename = name => "new." + name,
            Metadata = new Dictionary<string, string> { ["from"] = "torch" },
        });
        using var converted = SafetensorsFile.Open(path);
        Assert.Equal("torch", converted.Metadata["from"]);
        Assert.Equal(
            ["new.double", "new.half", "new.long", "new.transposed"],
            converted.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal(DType.I64, Entry(converted, "new.long").DType);
        foreach (var name in (string[])["transposed", "half", "double"])
        {
            var wanted = Entry(source, name);
            var found = Entry(converted, "new." + name);
            Assert.Equal((DType.BF16, wanted.Shape), (found.DType, found.Shape));
            var bytes = new byte[found.ByteLength];
            FloatConversion.Convert(source.Read(wanted).Bytes, wanted.DType, bytes, DType.BF16);
            Assert.True(converted.Read(found).Bytes.SequenceEqual(bytes));
        }
    }

    [Theory]
    [InlineData(70000f, DType.F16)]
    [InlineData(-65520f, DType.F16)]
    [InlineData(float.MaxValue, DType.BF16)]
    public void ToSafetensors_FiniteValueBeyondTheType_NamesTheElement(float value, DType to)
    {
        using var folder = new TestFolder();
        var values = new float[100_003];
        values[5] = float.PositiveInfinity;
        values[100_001] = value;
        var path = folder.File("in.safetensors");
        SafetensorsWriter.Write(path, [TensorToWrite.FromSingles("w", [values.Length], values)]);
        using var source = SafetensorsFile.Open(path);
        var error = Assert.Throws<InvalidFileException>(() => TensorConversion.ToSafetensors(
            source, folder.File("out.safetensors"), new TensorConversionOptions { DType = to }));
        Assert.Equal("w", error.Tensor);
        Assert.Contains("element 100001", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("out.safetensors")));
    }

    [Fact]
    public void ToSafetensors_InfinityAndNaN_StayWhatTheyAre()
    {
        using var folder = new TestFolder();
        var path = folder.File("in.safetensors");
        SafetensorsWriter.Write(path, [TensorToWrite.FromSingles("w", [3], new[] { float.PositiveInfinity, float.NaN, 1 })]);
        using var source = SafetensorsFile.Open(path);
        TensorConversion.ToSafetensors(source, folder.File("out"), new TensorConversionOptions { DType = DType.F16 });
        using var converted = SafetensorsFile.Open(folder.File("out"));
        var halves = MemoryMarshal.Cast<byte, Half>(converted.Read(converted.Entries[0]).Bytes).ToArray();
        Assert.Equal([Half.PositiveInfinity, Half.NaN, Half.One], halves);
    }

    [Fact]
    public void ToSafetensors_BadRequests_AreRefused()
    {
        using var folder = new TestFolder();
        using var source = TensorSources.Open(GoldenFolder.File("torch", "state-dict.pt"));
        TensorConversionOptions[] bad =
            [new() { DType = DType.I64 }, new() { DType = DType.F8E4M3 }, new() { Rename = _ => "same" }];
        Assert.All(bad, options => Assert.Throws<InvalidRequestException>(
            () => TensorConversion.ToSafetensors(source, folder.File("out"), options)));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static TensorEntry Entry(ITensorSource source, string name)
    {
        Assert.True(source.TryGet(name, out var entry));
        return entry;
    }
}
