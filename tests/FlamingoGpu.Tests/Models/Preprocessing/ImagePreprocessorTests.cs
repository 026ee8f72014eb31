using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;
using FlamingoGpu.Models.Preprocessing;
using FlamingoGpu.Tests.Formats.Images;

namespace FlamingoGpu.Tests.Models.Preprocessing;

/// <summary>The goldens of tests/golden/preprocessing, all exact: bytes equal, floats equal bit for bit.</summary>
public sealed class ImagePreprocessorTests
{
    private static readonly string Folder = Path.Combine(PictureFiles.Golden, "preprocessing");

    [Fact]
    public void Process_GoldenPictures_EqualTheReferenceExactly()
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var (name, bytes) in ReadExpected())
        {
            count++;
            var split = name.LastIndexOf('.');
            var file = Path.Combine(Folder, "images", name[..split]);
            var picture = ImageDecoders.Decode(File.ReadAllBytes(file), file);
            if (!Compute(picture, name[(split + 1)..]).SequenceEqual(bytes)) failures.Add(name);
        }

        Assert.True(failures.Count == 0, "differ: " + string.Join(", ", failures));
        Assert.Equal(37, count);
    }

    private static byte[] Compute(Picture picture, string stage)
    {
        if (stage == "decoded_rgb") return picture.ToRgb().Pixels;
        var parts = stage.Replace("open_clip", "openclip", StringComparison.Ordinal).Split('_');
        var sides = parts[1].Split('x').Select(int.Parse).ToArray();
        var preprocessor = new ImagePreprocessor(new PreprocessingConfig
        {
            ImageHeight = sides[0],
            ImageWidth = sides[^1],
            Kind = parts[0] == "idefics" ? PreprocessingKind.Idefics : PreprocessingKind.OpenClip,
        });
        return parts.Length == 3
            ? preprocessor.ToInputSize(picture).Pixels
            : MemoryMarshal.AsBytes<float>(preprocessor.Process(picture)).ToArray();
    }

    [Fact]
    public void Process_DefaultConfig_Is224Square()
    {
        var preprocessor = new ImagePreprocessor(new PreprocessingConfig());
        Assert.Equal(3 * 224 * 224, preprocessor.OutputLength);
        var white = new Picture(PictureMode.L, 5, 3, [.. Enumerable.Repeat((byte)255, 15)]);
        Assert.Equal((1f - 0.48145466f) / 0.26862954f, preprocessor.Process(white)[0]);
    }

    [Theory]
    [InlineData(1, 5000)]
    [InlineData(5000, 1)]
    [InlineData(225, 224)]
    [InlineData(227, 224)]
    [InlineData(1, 1)]
    public void ToInputSize_AnyShape_HasTheConfiguredSize(int width, int height)
    {
        var picture = new Picture(PictureMode.Rgb, width, height, new byte[3 * width * height]);
        foreach (var kind in Enum.GetValues<PreprocessingKind>())
        {
            var result = new ImagePreprocessor(new PreprocessingConfig { Kind = kind }).ToInputSize(picture);
            Assert.Equal((224, 224, PictureMode.Rgb), (result.Width, result.Height, result.Mode));
        }
    }

    [Fact]
    public void ToInputSize_HalfSurplus_RoundsToEven()
    {
        // 227 − 224 = 3 and 225 − 224 = 1: Python rounds 1.5 to 2 and 0.5 to 0.
        var ramp = new byte[227 * 224];
        for (var i = 0; i < ramp.Length; i++) ramp[i] = (byte)(i % 227);
        var preprocessor = new ImagePreprocessor(new PreprocessingConfig());
        Assert.Equal(2, preprocessor.ToInputSize(new Picture(PictureMode.L, 227, 224, ramp)).Pixels[0]);
        for (var i = 0; i < 225 * 224; i++) ramp[i] = (byte)(i % 225);
        Assert.Equal(0, preprocessor.ToInputSize(new Picture(PictureMode.L, 225, 224, ramp[..(225 * 224)])).Pixels[0]);
    }

    [Fact]
    public void ToInputSize_SidesTooUnequal_IsRefused()
    {
        var ribbon = new Picture(PictureMode.L, 1, 1_000_000, new byte[1_000_000]);
        var preprocessor = new ImagePreprocessor(new PreprocessingConfig { ImageHeight = 3000, ImageWidth = 3000 });
        var error = Assert.Throws<InvalidRequestException>(() => preprocessor.ToInputSize(ribbon));
        Assert.Contains("differ too much", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_BadConfig_IsRefused()
    {
        Assert.Throws<InvalidRequestException>(() => new ImagePreprocessor(new PreprocessingConfig { ImageHeight = 0 }));
        Assert.Throws<InvalidRequestException>(() => new ImagePreprocessor(new PreprocessingConfig { Mean = [1f] }));
    }

    private static IEnumerable<(string Name, byte[] Bytes)> ReadExpected()
    {
        var file = File.ReadAllBytes(Path.Combine(Folder, "expected.safetensors"));
        var headerLength = (int)BitConverter.ToInt64(file);
        using var header = JsonDocument.Parse(Encoding.UTF8.GetString(file, 8, headerLength));
        foreach (var tensor in header.RootElement.EnumerateObject().Where(t => t.Name != "__metadata__"))
        {
            var offsets = tensor.Value.GetProperty("data_offsets");
            var start = 8 + headerLength + offsets[0].GetInt32();
            yield return (tensor.Name, file[start..(8 + headerLength + offsets[1].GetInt32())]);
        }
    }
}
