using FlamingoGpu.Core;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Tests.Formats.Images;

/// <summary>The child process's protocol, with shell scripts in ffmpeg's place; and the real one where it is installed.</summary>
public sealed class FfmpegDecoderTests : IDisposable
{
    private static readonly byte[] Webp = [.. "RIFF\x10\0\0\0WEBPVP8 "u8, .. new byte[40]];

    private readonly string _folder = Directory.CreateTempSubdirectory("flamingo-ffmpeg-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("RIFF\u0001\u0002\u0003\u0004WEBPVP8L", "WebP")]
    [InlineData("BM____________", "BMP")]
    [InlineData("\0\0\0\u0020ftypavif____", "AVIF")]
    [InlineData("\0\0\0\u0020ftypheic____", "HEIC")]
    [InlineData("II*\0________", null)]
    [InlineData("P6\n1 1\n255\nabc", "PPM")]
    [InlineData("plain text in a file", null)]
    [InlineData("BM", null)]
    public void FindFormat_FirstBytes_TellTheFormat(string start, string? format) =>
        Assert.Equal(format, FfmpegDecoder.FindFormat(System.Text.Encoding.Latin1.GetBytes(start))?.Name);

    [Fact]
    public void Decode_FfmpegMissing_SaysWhatToInstall()
    {
        var decoder = new FfmpegDecoder(Path.Combine(_folder, "no-such-program"));
        var error = Assert.Throws<InvalidFileException>(() => decoder.Decode(Webp, "cat.webp", ImageLimits.Default));
        Assert.Contains("cat.webp: WebP pictures need ffmpeg", error.Message, StringComparison.Ordinal);
        Assert.Contains("Install ffmpeg", error.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Decode_ChildGivesPng_IsDecoded()
    {
        var png = Path.Combine(PictureFiles.Golden, "images", "png_c2_d8_plain_19x13.png");
        var picture = Script($"cat > /dev/null; cat '{png}'").Decode(Webp, "a.webp", ImageLimits.Default);
        Assert.Equal(19, picture.Width);
    }

    [UnixFact]
    public void Decode_ChildFails_ErrorCarriesItsMessage()
    {
        var decoder = Script("echo 'no such codec' >&2; yes longer | head -c 300000 >&2; exit 3");
        var error = Assert.Throws<InvalidFileException>(() => decoder.Decode(Webp, "a.webp", ImageLimits.Default));
        Assert.Contains("exit code 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such codec", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 3000);
    }

    [UnixFact]
    public void Decode_ChildHangs_IsEndedAtTheLimit()
    {
        var decoder = new FfmpegDecoder(WriteScript("exec sleep 60"), TimeSpan.FromMilliseconds(200));
        var error = Assert.Throws<InvalidFileException>(() => decoder.Decode(Webp, "a.webp", ImageLimits.Default));
        Assert.Contains("did not finish within 0.2 s", error.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Decode_CallerCancels_ChildIsEnded()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.ThrowsAny<OperationCanceledException>(
            () => Script("exec sleep 60").Decode(Webp, "a.webp", ImageLimits.Default, cancel.Token));
    }

    [UnixFact]
    public void Decode_ChildFloods_IsStopped()
    {
        var limits = new ImageLimits { MaxPixels = 100 };
        var error = Assert.Throws<InvalidFileException>(
            () => Script("cat > /dev/null; yes").Decode(Webp, "a.webp", limits));
        Assert.Contains("more than 67136 bytes", error.Message, StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void Decode_BmpThroughFfmpeg_IsExact()
    {
        // Two pixels, bottom row first, rows padded to four bytes: red, then blue above it.
        byte[] bmp =
        [
            (byte)'B', (byte)'M', 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0,
            0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0,
        ];
        var picture = ImageDecoders.Decode(bmp, "a.bmp").ToRgb();
        Assert.Equal([0, 0, 255, 255, 0, 0], picture.Pixels);
    }

    private FfmpegDecoder Script(string body) => new(WriteScript(body));

    private string WriteScript(string body)
    {
        var path = Path.Combine(_folder, "ffmpeg.sh");
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private sealed class UnixFactAttribute : FactAttribute
    {
        public UnixFactAttribute()
        {
            if (OperatingSystem.IsWindows()) Skip = "needs a Unix shell";
        }
    }

    private sealed class FfmpegFactAttribute : FactAttribute
    {
        public FfmpegFactAttribute()
        {
            var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")))) Skip = "ffmpeg is not on PATH";
        }
    }
}
