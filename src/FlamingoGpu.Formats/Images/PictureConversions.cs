using System.Buffers.Binary;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// Pillow's <c>convert</c> to RGB and RGBA from every mode, sample for sample. Pure functions; the input is not changed.
/// </summary>
public static class PictureConversions
{
    /// <summary>
    /// Converts to RGB: grey is repeated, a palette looked up, alpha dropped without compositing, CMYK multiplied out,
    /// 32-bit integers clipped to 0…255 (so a 16-bit grey picture becomes mostly white, as in Pillow).
    /// </summary>
    /// <returns>A picture of mode RGB without transparency; the argument itself if it is RGB already.</returns>
    public static Picture ToRgb(this Picture picture) =>
        picture.Mode == PictureMode.Rgb ? picture : Convert(picture, PictureMode.Rgb);

    /// <summary>
    /// Converts to RGBA as <see cref="ToRgb"/> does and with the file's transparency: alpha of the palette, or 0 where
    /// the colour equals <see cref="Picture.ColorKey"/> (its low bytes, as Pillow compares), else opaque.
    /// </summary>
    /// <returns>A picture of mode RGBA; the argument itself if it is RGBA already.</returns>
    public static Picture ToRgba(this Picture picture) =>
        picture.Mode == PictureMode.Rgba ? picture : Convert(picture, PictureMode.Rgba);

    /// <summary>Lays an RGBA picture over opaque white with Pillow's <c>alpha_composite</c> arithmetic.</summary>
    /// <param name="picture">Any mode; converted to RGBA first unless it is RGB, which is returned as it is.</param>
    /// <returns>A picture of mode RGB.</returns>
    public static Picture OverWhite(this Picture picture)
    {
        if (picture.Mode == PictureMode.Rgb) return picture;
        var rgba = picture.ToRgba().Pixels;
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            // Weights with 7 extra bits that sum to 255 × 128; over an opaque ground the result is opaque.
            var foreground = rgba[from + 3] * 128u;
            var ground = 255u * 128 - foreground;
            for (var c = 0; c < 3; c++)
            {
                var sum = rgba[from + c] * foreground + 255 * ground + (0x80 << 7);
                rgb[to + c] = (byte)((((sum >> 8) + sum) >> 8) >> 7);
            }
        }

        return new Picture(PictureMode.Rgb, picture.Width, picture.Height, rgb);
    }

    private static Picture Convert(Picture picture, PictureMode target)
    {
        var count = picture.Width * picture.Height;
        var size = picture.Mode.BytesPerPixel();
        var targetSize = target.BytesPerPixel();
        var result = new byte[checked(count * targetSize)];
        ReadOnlySpan<byte> source = picture.Pixels;
        for (var i = 0; i < count; i++)
        {
            var from = source.Slice(i * size, size);
            var to = result.AsSpan(i * targetSize, targetSize);
            var alpha = ConvertPixel(picture, from, to);
            if (targetSize == 4) to[3] = IsKeyed(picture, to) ? (byte)0 : alpha;
        }

        return new Picture(target, picture.Width, picture.Height, result);
    }

    /// <summary>Writes red, green and blue; returns alpha.</summary>
    private static byte ConvertPixel(Picture picture, ReadOnlySpan<byte> from, Span<byte> to)
    {
        switch (picture.Mode)
        {
            case PictureMode.P:
                picture.Palette.AsSpan(3 * from[0], 3).CopyTo(to);
                return picture.PaletteAlpha?[from[0]] ?? 255;
            case PictureMode.LA:
                to[..3].Fill(from[0]);
                return from[1];
            case PictureMode.Rgb:
                from.CopyTo(to);
                return 255;
            case PictureMode.Rgba:
                from[..3].CopyTo(to);
                return from[3];
            case PictureMode.Cmyk:
                var light = 255 - from[3];
                for (var c = 0; c < 3; c++) to[c] = (byte)Math.Clamp(light - MultiplyBy255th(from[c], light), 0, 255);
                return 255;
            case PictureMode.I:
                to[..3].Fill((byte)Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(from), 0, 255));
                return 255;
            default:
                to[..3].Fill(from[0]);
                return 255;
        }
    }

    private static bool IsKeyed(Picture picture, ReadOnlySpan<byte> rgb)
    {
        if (picture.ColorKey is not { } key) return false;
        for (var c = 0; c < 3; c++)
        {
            if (rgb[c] != (byte)key[key.Length == 3 ? c : 0]) return false;
        }

        return true;
    }

    /// <summary>a × b / 255, rounded to nearest by Pillow's shifts.</summary>
    internal static int MultiplyBy255th(int a, int b)
    {
        var product = a * b + 128;
        return ((product >> 8) + product) >> 8;
    }
}
