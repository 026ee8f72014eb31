using System.Buffers.Binary;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>The fields of a PNG's IHDR chunk, checked.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, int ColorType, bool Interlaced)
{
    public const int Grey = 0;
    public const int TrueColor = 2;
    public const int Indexed = 3;
    public const int GreyAlpha = 4;
    public const int TrueColorAlpha = 6;

    /// <summary>Samples per pixel in the file.</summary>
    public int Channels => ColorType switch { TrueColor => 3, GreyAlpha => 2, TrueColorAlpha => 4, _ => 1 };

    /// <summary>Bits per pixel in the file.</summary>
    public int BitsPerPixel => Channels * Depth;

    /// <summary>The mode Pillow opens this kind of file in.</summary>
    public PictureMode Mode => ColorType switch
    {
        Grey => Depth switch { 1 => PictureMode.Bilevel, 16 => PictureMode.I, _ => PictureMode.L },
        TrueColor => PictureMode.Rgb,
        Indexed => PictureMode.P,
        GreyAlpha => Depth == 8 ? PictureMode.LA : PictureMode.Rgba,
        _ => PictureMode.Rgba,
    };

    /// <summary>Bytes of one row of <paramref name="width"/> pixels in the file, without the filter byte.</summary>
    public int RowBytes(int width) => (int)(((long)width * BitsPerPixel + 7) / 8);

    public static PngHeader Parse(ReadOnlySpan<byte> data, string name, ImageLimits limits)
    {
        if (data.Length != 13)
        {
            throw new InvalidFileException(name, $"PNG: the IHDR chunk has {data.Length} bytes, not 13.");
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        limits.Check(name, "PNG", width, height);

        int depth = data[8], colorType = data[9];
        var legal = colorType switch
        {
            Grey => depth is 1 or 2 or 4 or 8 or 16,
            Indexed => depth is 1 or 2 or 4 or 8,
            TrueColor or GreyAlpha or TrueColorAlpha => depth is 8 or 16,
            _ => false,
        };
        if (!legal)
        {
            throw new InvalidFileException(
                name, $"PNG: colour type {colorType} with bit depth {depth} is not in the format.");
        }

        if (data[10] != 0)
        {
            throw new InvalidFileException(name, $"PNG: compression method {data[10]} is unknown; only 0 is defined.");
        }

        if (data[11] != 0)
        {
            throw new InvalidFileException(name, $"PNG: filter method {data[11]} is unknown; only 0 is defined.");
        }

        if (data[12] > 1)
        {
            throw new InvalidFileException(name, $"PNG: interlace method {data[12]} is unknown; only 0 and 1 are.");
        }

        return new PngHeader((int)width, (int)height, depth, colorType, data[12] == 1);
    }
}
