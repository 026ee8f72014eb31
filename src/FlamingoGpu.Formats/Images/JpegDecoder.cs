using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// JPEG (ITU T.81, JFIF 1.02): baseline, extended sequential and progressive Huffman files of 8-bit samples, bit for bit
/// as Pillow with libjpeg-turbo decodes them.
/// </summary>
/// <remarks>
/// One component gives mode L, three RGB, four CMYK. All whole sampling ratios, restart markers, interleaved and single
/// scans. Colour: JFIF means YCbCr; else the Adobe marker decides, else the component identifiers (R G B). EXIF, its
/// orientation included, and colour profiles are ignored. Stricter than libjpeg, which fills damaged parts with grey and
/// goes on: damaged or missing scan data is an error here, and so is a progressive file that lacks bits of its low
/// coefficients (libjpeg would smooth it). Arithmetic coding, lossless and hierarchical files and samples of other
/// depths are refused by name. A tiny file that declares a large picture is refused before it is allocated.
/// </remarks>
public sealed class JpegDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public string FormatName => "JPEG";

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <inheritdoc/>
    public Picture Decode(
        ReadOnlySpan<byte> file, string name, ImageLimits limits, CancellationToken cancellation = default)
    {
        if (!Recognizes(file)) throw new InvalidFileException(name, "JPEG: the signature is missing.", offset: 0);

        var reader = new JpegReader(file, name, limits);
        reader.ReadToEndOfImage();
        return JpegOutput.Assemble(reader.Frame!, reader.ColorSpace);
    }
}
