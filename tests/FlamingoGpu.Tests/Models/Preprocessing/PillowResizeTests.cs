using FlamingoGpu.Formats.Images;
using FlamingoGpu.Models.Preprocessing;
using FlamingoGpu.Tests.Formats.Images;

namespace FlamingoGpu.Tests.Models.Preprocessing;

public sealed class PillowResizeTests
{
    [Fact]
    public void Bicubic_EveryModeAndSize_EqualsPillow()
    {
        var failures = new List<string>();
        var modes = new HashSet<PictureMode>();
        foreach (var expected in PictureFiles.Manifest.GetProperty("resized").EnumerateArray())
        {
            var file = expected.GetProperty("file").GetString()!;
            int width = expected.GetProperty("width").GetInt32(), height = expected.GetProperty("height").GetInt32();
            var resized = PillowResize.Bicubic(ImageDecoders.Decode(PictureFiles.Read(file), file), width, height);
            modes.Add(resized.Mode);
            if (PictureFiles.Digest(resized.Pixels) != expected.GetProperty("pixels").GetString()
                || PictureFiles.Digest(resized.ToRgb().Pixels) != expected.GetProperty("rgb").GetString())
            {
                failures.Add($"{file} to {width} x {height}, mode {resized.Mode.PillowName()}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.Equal(Enum.GetValues<PictureMode>(), modes.Order());
    }

    [Theory]
    [InlineData("png_c0_d1_plain_19x13.png")]
    [InlineData("png_c0_d16_plain_19x13.png")]
    [InlineData("png_c2_d8_plain_19x13.png")]
    [InlineData("png_c3_d8_plain_19x13.png")]
    [InlineData("png_c6_d8_plain_19x13.png")]
    public void Bicubic_Window_EqualsCropOfWhole(string file)
    {
        var picture = ImageDecoders.Decode(PictureFiles.Read(file), file);
        foreach (var (width, height) in new[] { (41, 7), (11, 29), (19, 13), (19, 5) })
        {
            var whole = PillowResize.Bicubic(picture, width, height);
            var window = new ResizeWindow(3, 1, width - 5, height - 3);
            var part = PillowResize.Bicubic(picture, width, height, window);
            var size = picture.Mode.BytesPerPixel();
            for (var y = 0; y < window.Height; y++)
            {
                var expected = whole.Pixels.AsSpan(((y + 1) * width + 3) * size, window.Width * size);
                Assert.Equal(expected, part.Pixels.AsSpan(y * window.Width * size, window.Width * size));
            }
        }
    }

    [Fact]
    public void Bicubic_WindowOutside_Throws()
    {
        var picture = new Picture(PictureMode.L, 3, 3, new byte[9]);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => PillowResize.Bicubic(picture, 10, 10, new ResizeWindow(5, 0, 6, 10)));
    }
}
