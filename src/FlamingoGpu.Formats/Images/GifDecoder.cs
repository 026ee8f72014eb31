using System.Buffers.Binary;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// GIF (GIF89a specification): the first frame, on the whole canvas, as Pillow shows it before any seek.
/// </summary>
/// <remarks>
/// Mode P with the frame's palette (local, else global), or L when there is none or the palette is the identity grey
/// ramp. A frame smaller than the canvas lies on the transparent index, or on index 0 when there is none; a frame
/// reaching beyond the canvas enlarges it. The background colour is not used. A stream that ends before the last pixel
/// is truncated, an error.
/// </remarks>
public sealed class GifDecoder : IImageDecoder
{
    private const int GraphicControl = 249;

    /// <inheritdoc/>
    public string FormatName => "GIF";

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    /// <inheritdoc/>
    public Picture Decode(
        ReadOnlySpan<byte> file, string name, ImageLimits limits, CancellationToken cancellation = default)
    {
        if (!Recognizes(file)) throw new InvalidFileException(name, "GIF: the signature is missing.", offset: 0);

        var reader = new GifBytes(file, name);
        var screen = reader.Take(13, "the screen descriptor");
        int width = BinaryPrimitives.ReadUInt16LittleEndian(screen[6..]);
        int height = BinaryPrimitives.ReadUInt16LittleEndian(screen[8..]);
        byte[]? globalPalette = null;
        if ((screen[10] & 0x80) != 0) globalPalette = ReadPalette(ref reader, screen[10]);

        var transparent = FindImage(ref reader);
        var descriptor = reader.Take(9, "the image descriptor");
        int left = BinaryPrimitives.ReadUInt16LittleEndian(descriptor);
        int top = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[2..]);
        int frameWidth = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[4..]);
        int frameHeight = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]);
        if (frameWidth == 0 || frameHeight == 0)
        {
            throw new InvalidFileException(name, $"GIF: the first frame is empty, {frameWidth} x {frameHeight}.");
        }

        width = Math.Max(width, left + frameWidth);
        height = Math.Max(height, top + frameHeight);
        limits.Check(name, "GIF", width, height);

        var palette = (descriptor[8] & 0x80) != 0 ? ReadPalette(ref reader, descriptor[8]) : globalPalette;
        var canvas = new byte[width * height];
        if (transparent is { } index) canvas.AsSpan().Fill(index);
        var frame = new GifFrame(canvas, width, left, top, frameWidth, frameHeight, (descriptor[8] & 0x40) != 0);
        GifLzw.Decode(ref reader, frame);
        return Assemble(width, height, canvas, palette, transparent);
    }

    /// <summary>Skips everything up to the first image; returns the transparent index its graphic control declares.</summary>
    private static byte? FindImage(ref GifBytes reader)
    {
        byte? transparent = null;
        while (true)
        {
            switch (reader.TakeByte("a block"))
            {
                case (byte)';':
                    throw new InvalidFileException(reader.Name, "GIF: the file holds no image.", offset: reader.Position);
                case (byte)',':
                    return transparent;
                case (byte)'!':
                    var label = reader.TakeByte("an extension");
                    var block = reader.TakeSubBlock();
                    if (label == GraphicControl)
                    {
                        if (block.Length < 4)
                        {
                            throw new InvalidFileException(
                                reader.Name, "GIF: the graphic control block is too short.", offset: reader.Position);
                        }

                        if ((block[0] & 1) != 0) transparent = block[3];
                    }

                    while (!block.IsEmpty) block = reader.TakeSubBlock();
                    break;
            }
        }
    }

    /// <summary>Reads a colour table; null for the identity grey ramp, which says no more than mode L does.</summary>
    private static byte[]? ReadPalette(ref GifBytes reader, byte flags)
    {
        var colors = reader.Take(3 << ((flags & 7) + 1), "a colour table");
        for (var i = 0; i < colors.Length; i++)
        {
            if (colors[i] != i / 3) return PngDecoder.GreyRampWith(colors);
        }

        return null;
    }

    private static Picture Assemble(int width, int height, byte[] canvas, byte[]? palette, byte? transparent)
    {
        if (palette is null)
        {
            return new Picture(PictureMode.L, width, height, canvas)
            {
                ColorKey = transparent is { } grey ? [grey] : null,
            };
        }

        byte[]? alpha = null;
        if (transparent is { } index)
        {
            alpha = new byte[Picture.PaletteEntryCount];
            alpha.AsSpan().Fill(255);
            alpha[index] = 0;
        }

        return new Picture(PictureMode.P, width, height, canvas) { Palette = palette, PaletteAlpha = alpha };
    }
}
