using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Tests.Formats.Images;

/// <summary>Every golden file decodes to exactly Pillow's samples, in Pillow's mode, and converts to Pillow's RGB.</summary>
public sealed class PillowParityTests
{
    [Theory]
    [InlineData("jpeg_base", 38)]
    [InlineData("jpeg_prog", 40)]
    [InlineData("jpeg_", 124)]
    [InlineData("png_", 122)]
    [InlineData("gif_", 31)]
    public void Decode_GoldenFile_EqualsPillow(string prefix, int leastCount)
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var file in PictureFiles.Manifest.GetProperty("files").EnumerateObject())
        {
            if (!file.Name.StartsWith(prefix, StringComparison.Ordinal) || file.Name == "jpeg_arithmetic.jpg") continue;
            count++;
            var picture = ImageDecoders.Decode(PictureFiles.Read(file.Name), file.Name);
            string Expected(string property) => file.Value.GetProperty(property).ToString();
            void Check(string what, string actual)
            {
                if (actual != Expected(what)) failures.Add($"{file.Name}: {what} {actual}, Pillow {Expected(what)}");
            }

            Check("mode", picture.Mode.PillowName());
            Check("width", $"{picture.Width}");
            Check("height", $"{picture.Height}");
            Check("pixels", PictureFiles.Digest(picture.Pixels));
            Check("rgb", PictureFiles.Digest(picture.ToRgb().Pixels));
            Check("over_white", PictureFiles.Digest(picture.OverWhite().Pixels));
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(count >= leastCount, $"only {count} files begin with {prefix}");
    }

    [Fact]
    public void Decode_ArithmeticJpeg_IsRefusedByName()
    {
        var error = Assert.Throws<InvalidFileException>(
            () => ImageDecoders.Decode(PictureFiles.Read("jpeg_arithmetic.jpg"), "a.jpg"));
        Assert.Contains("arithmetic coding is not supported", error.Message, StringComparison.Ordinal);
    }
}
