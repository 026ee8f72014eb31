using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>Decodes a picture file of any supported format, told by its first bytes and never by its name.</summary>
public static class ImageDecoders
{
    private static readonly IImageDecoder[] Managed = [new PngDecoder(), new JpegDecoder(), new GifDecoder()];

    /// <summary>
    /// Decodes PNG, JPEG and GIF in this process, exactly as Pillow does, and other known formats through ffmpeg if it
    /// is installed (see <see cref="FfmpegDecoder"/>).
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Its path or a name, for messages.</param>
    /// <param name="limits">Checked before allocation; null for <see cref="ImageLimits.Default"/>.</param>
    /// <param name="cancellation">Ends a decode that runs in a child process.</param>
    /// <exception cref="InvalidFileException">No known picture format, damaged, too large, or ffmpeg is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Picture Decode(
        ReadOnlySpan<byte> file, string name, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= ImageLimits.Default;
        foreach (var decoder in Managed)
        {
            if (decoder.Recognizes(file)) return decoder.Decode(file, name, limits, cancellation);
        }

        var external = new FfmpegDecoder();
        if (external.Recognizes(file)) return external.Decode(file, name, limits, cancellation);

        var start = Convert.ToHexString(file[..Math.Min(8, file.Length)]);
        throw new InvalidFileException(
            name,
            file.IsEmpty
                ? "the file is empty; expected a picture (PNG, JPEG, GIF)."
                : $"not a picture of a known format (PNG, JPEG, GIF); the file begins with 0x{start}.");
    }
}
