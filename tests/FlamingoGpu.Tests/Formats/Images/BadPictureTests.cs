using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Tests.Formats.Images;

public sealed class BadPictureTests
{
    public static TheoryData<string> Names => new(BadPictures.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_BadFile_ThrowsNamingTheProblem(string name)
    {
        var (file, phrase) = BadPictures.All[name];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidFileException>(() => ImageDecoders.Decode(file, "bad.bin"));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Contains(phrase, error.Message, StringComparison.Ordinal);
        Assert.Equal("bad.bin", error.File);
        Assert.True(allocated < 1 << 20, $"{allocated} bytes allocated for a bad file of {file.Length}");
    }

    /// <summary>Pillow refuses the same prefixes; the last bytes of PNG and GIF are not read by either.</summary>
    [Theory]
    [InlineData("png_c2_d8_plain_19x13.png", 12)]
    [InlineData("png_c6_d16_adam7_33x9.png", 12)]
    [InlineData("jpeg_base_2x2_17x33.jpg", 0)]
    [InlineData("jpeg_prog_2x1_17x33.jpg", 0)]
    [InlineData("jpeg_cmyk_2.jpg", 0)]
    [InlineData("gif_interlaced_4bit.gif", 4)]
    public void Decode_EveryPrefix_IsTruncated(string name, int unreadBytes)
    {
        var file = PictureFiles.Read(name);
        for (var length = 0; length < file.Length - unreadBytes; length++)
        {
            var prefix = file.AsSpan(0, length).ToArray();
            var error = Assert.Throws<InvalidFileException>(() => ImageDecoders.Decode(prefix, name));
            if (length >= 12) Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decode_BeyondCallersLimit_ThrowsWithFigures()
    {
        var limits = new ImageLimits { MaxPixels = 19 * 13 - 1 };
        var file = PictureFiles.Read("png_c2_d8_plain_19x13.png");
        var error = Assert.Throws<InvalidFileException>(() => ImageDecoders.Decode(file, "a.png", limits));
        Assert.Contains("19 x 13 pixels, more than the limit of 246", error.Message, StringComparison.Ordinal);
        Assert.Equal(19, ImageDecoders.Decode(file, "a.png", limits with { MaxPixels = 19 * 13 }).Width);
    }
}
