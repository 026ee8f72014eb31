using System.Buffers.Binary;
using System.IO.Compression;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// Writes 8-bit PNG files. The same picture gives the same bytes on one runtime version; decoding gives the picture
/// back exactly.
/// </summary>
public static class PngEncoder
{
    /// <summary>Encodes a picture of mode L, LA, RGB or RGBA.</summary>
    /// <param name="picture">What to write; palette and transparency are not written.</param>
    /// <returns>The whole file.</returns>
    /// <exception cref="ArgumentException">The picture is of another mode; convert it first.</exception>
    public static byte[] Encode(Picture picture)
    {
        byte colorType = picture.Mode switch
        {
            PictureMode.L => PngHeader.Grey,
            PictureMode.LA => PngHeader.GreyAlpha,
            PictureMode.Rgb => PngHeader.TrueColor,
            PictureMode.Rgba => PngHeader.TrueColorAlpha,
            _ => throw new ArgumentException(
                $"PNG files are written from modes L, LA, RGB and RGBA, not {picture.Mode.PillowName()}; convert first.",
                nameof(picture)),
        };
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = colorType;
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(picture));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Rows with the "up" filter, which suits flat areas and costs one subtraction a byte.</summary>
    private static byte[] Compress(Picture picture)
    {
        using var joined = new MemoryStream();
        using (var deflate = new ZLibStream(joined, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var rowBytes = picture.Width * picture.Mode.BytesPerPixel();
            var row = new byte[1 + rowBytes];
            row[0] = 2;
            for (var y = 0; y < picture.Height; y++)
            {
                var current = picture.Pixels.AsSpan(y * rowBytes, rowBytes);
                var above = y == 0 ? default : picture.Pixels.AsSpan((y - 1) * rowBytes, rowBytes);
                for (var x = 0; x < rowBytes; x++) row[1 + x] = (byte)(current[x] - (y == 0 ? 0 : above[x]));
                deflate.Write(row);
            }
        }

        return joined.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        var checksum = Crc32.Compute(chunk.AsSpan(4, 4 + data.Length));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), checksum);
        file.Write(chunk);
    }
}
