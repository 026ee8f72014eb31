using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// PNG (W3C specification, second edition): every colour type, bit depth and interlace; the picture Pillow gives.
/// </summary>
/// <remarks>
/// Modes: grey is 1 at one bit, L at 2, 4 and 8 bits (samples scaled to 0…255), I at 16 bits (0…65535); grey with alpha
/// is LA at 8 bits and RGBA at 16; colour is RGB or RGBA; indexed is P. 16-bit colour and alpha keep their high byte.
/// tRNS becomes <see cref="Picture.PaletteAlpha"/> or <see cref="Picture.ColorKey"/> and changes no sample. Gamma,
/// colour profiles, text and animation are ignored: an animated file gives its default picture. The checksum of every
/// chunk up to the end of the image data must be right; what follows the image data is not read.
/// </remarks>
public sealed class PngDecoder : IImageDecoder
{
    // Deflate cannot expand by more: a match of 258 bytes takes at least two bits.
    private const int LargestExpansion = 1032;

    /// <inheritdoc/>
    public string FormatName => "PNG";

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <inheritdoc/>
    public Picture Decode(
        ReadOnlySpan<byte> file, string name, ImageLimits limits, CancellationToken cancellation = default)
    {
        if (!Recognizes(file)) throw new InvalidFileException(name, "PNG: the signature is missing.", offset: 0);

        PngHeader? header = null;
        byte[]? palette = null;
        ReadOnlySpan<byte> transparency = default;
        var position = Signature.Length;
        while (true)
        {
            var type = NextChunk(file, name, ref position, out var data);
            if (header is null && type != "IHDR")
            {
                throw new InvalidFileException(name, $"PNG: the first chunk is {type}, not IHDR.", offset: 8);
            }

            switch (type)
            {
                case "IHDR" when header is null:
                    header = PngHeader.Parse(data, name, limits);
                    break;
                case "IHDR":
                    throw new InvalidFileException(name, "PNG: a second IHDR chunk.", offset: position);
                case "PLTE":
                    palette = ReadPalette(data, name);
                    break;
                case "tRNS":
                    transparency = data;
                    break;
                case "IEND":
                    throw new InvalidFileException(name, "PNG: no image data before IEND.", offset: position);
                case "IDAT":
                    var compressed = CollectImageData(file, name, data, position);
                    return Finish(header!.Value, compressed, palette, transparency, name);
                default:
                    if (char.IsAsciiLetterUpper(type[0]))
                    {
                        throw new InvalidFileException(
                            name, $"PNG: the critical chunk {type} is unknown; the file needs a newer reader.");
                    }

                    break;
            }
        }
    }

    /// <summary>Reads the chunk at <paramref name="position"/>, checks its checksum and steps behind it.</summary>
    private static string NextChunk(
        ReadOnlySpan<byte> file, string name, scoped ref int position, out ReadOnlySpan<byte> data)
    {
        if (file.Length - position < 8)
        {
            throw new InvalidFileException(name, "PNG: the file is truncated between chunks.", offset: file.Length);
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(file[position..]);
        var typeBytes = file.Slice(position + 4, 4);
        foreach (var letter in typeBytes)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new InvalidFileException(
                    name, $"PNG: broken chunk type 0x{Convert.ToHexString(typeBytes)}.", offset: position + 4);
            }
        }

        var type = Encoding.ASCII.GetString(typeBytes);
        if (length > file.Length - position - 8 || file.Length - position - 8 - length < 4)
        {
            throw new InvalidFileException(
                name, $"PNG: the file is truncated within chunk {type} of {length} bytes.", offset: position);
        }

        data = file.Slice(position + 8, (int)length);
        var stored = BinaryPrimitives.ReadUInt32BigEndian(file[(position + 8 + (int)length)..]);
        var computed = Crc32.Compute(file.Slice(position + 4, 4 + (int)length));
        if (stored != computed)
        {
            throw new InvalidFileException(
                name, $"PNG: checksum of chunk {type} is {computed:x8}, the file says {stored:x8}.", offset: position);
        }

        position += 12 + (int)length;
        return type;
    }

    private static byte[] ReadPalette(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length % 3 != 0 || data.Length > 3 * Picture.PaletteEntryCount)
        {
            throw new InvalidFileException(
                name, $"PNG: the palette has {data.Length} bytes; it takes three per colour, 256 colours at most.");
        }

        return GreyRampWith(data);
    }

    /// <summary>A full palette: the given colours, then the grey ramp Pillow leaves behind them.</summary>
    internal static byte[] GreyRampWith(ReadOnlySpan<byte> colors)
    {
        var palette = new byte[3 * Picture.PaletteEntryCount];
        for (var i = 0; i < palette.Length; i++) palette[i] = (byte)(i / 3);
        colors.CopyTo(palette);
        return palette;
    }

    /// <summary>Joins the data of the IDAT chunk just read and of those that directly follow it.</summary>
    private static MemoryStream CollectImageData(
        ReadOnlySpan<byte> file, string name, ReadOnlySpan<byte> first, int position)
    {
        var joined = new MemoryStream(first.Length);
        joined.Write(first);
        while (file.Length - position >= 8 && file.Slice(position + 4, 4).SequenceEqual("IDAT"u8))
        {
            NextChunk(file, name, ref position, out var data);
            joined.Write(data);
        }

        joined.Position = 0;
        return joined;
    }

    private static Picture Finish(
        in PngHeader header, MemoryStream compressed, byte[]? palette, ReadOnlySpan<byte> transparency, string name)
    {
        CheckExpansion(header, compressed.Length, name);
        var pixels = new byte[header.Width * header.Height * header.Mode.BytesPerPixel()];
        using (var inflate = new ZLibStream(compressed, CompressionMode.Decompress))
        {
            new PngRows(header, name, inflate).ReadInto(pixels);
        }

        var indexed = header.ColorType == PngHeader.Indexed;
        return new Picture(header.Mode, header.Width, header.Height, pixels)
        {
            Palette = indexed ? palette ?? GreyRampWith([]) : null,
            PaletteAlpha = indexed ? ReadPaletteAlpha(transparency, name) : null,
            ColorKey = ReadColorKey(header.Mode, transparency, name),
        };
    }

    /// <summary>A file too short for the picture it declares is found before the picture is allocated.</summary>
    private static void CheckExpansion(in PngHeader header, long compressedBytes, string name)
    {
        var rawBytes = (long)header.RowBytes(header.Width) * header.Height;
        if (rawBytes / LargestExpansion > compressedBytes)
        {
            throw new InvalidFileException(
                name,
                $"PNG: the image data is truncated: {compressedBytes} compressed bytes cannot hold "
                + $"{header.Width} x {header.Height} pixels.");
        }
    }

    private static byte[]? ReadPaletteAlpha(ReadOnlySpan<byte> transparency, string name)
    {
        if (transparency.IsEmpty) return null;
        if (transparency.Length > Picture.PaletteEntryCount)
        {
            throw new InvalidFileException(
                name, $"PNG: tRNS has {transparency.Length} entries; a palette has 256 at most.");
        }

        var alpha = new byte[Picture.PaletteEntryCount];
        alpha.AsSpan().Fill(255);
        transparency.CopyTo(alpha);
        return alpha;
    }

    private static int[]? ReadColorKey(PictureMode mode, ReadOnlySpan<byte> transparency, string name)
    {
        var count = mode switch
        {
            PictureMode.Bilevel or PictureMode.L or PictureMode.I => 1,
            PictureMode.Rgb => 3,
            _ => 0,
        };
        if (transparency.IsEmpty || count == 0) return null;
        if (transparency.Length < 2 * count)
        {
            throw new InvalidFileException(
                name, $"PNG: tRNS has {transparency.Length} bytes; this colour type takes {2 * count}.");
        }

        var key = new int[count];
        for (var i = 0; i < count; i++) key[i] = BinaryPrimitives.ReadUInt16BigEndian(transparency[(2 * i)..]);
        return key;
    }
}
