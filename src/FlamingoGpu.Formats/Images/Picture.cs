namespace FlamingoGpu.Formats.Images;

/// <summary>
/// A decoded picture in its own mode: rows from top to bottom without padding, pixels interleaved. The object owns its
/// arrays; nobody but its maker may write to them, so it may be read from several threads.
/// </summary>
public sealed class Picture
{
    /// <summary>Entries of a palette; a shorter palette in the file is filled up with a grey ramp, as Pillow does.</summary>
    public const int PaletteEntryCount = 256;

    /// <summary>Wraps decoded samples without copying them.</summary>
    /// <param name="mode">How to read <paramref name="pixels"/>.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Exactly width × height × bytes per pixel.</param>
    /// <exception cref="ArgumentException">The array's length is not what mode and size ask for.</exception>
    public Picture(PictureMode mode, int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * mode.BytesPerPixel())
        {
            throw new ArgumentException(
                $"a {width} x {height} picture of mode {mode.PillowName()} takes "
                + $"{(long)width * height * mode.BytesPerPixel()} bytes, not {pixels.LongLength}", nameof(pixels));
        }

        Mode = mode;
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>How the samples are to be read.</summary>
    public PictureMode Mode { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The samples, [height, width, bytes per pixel].</summary>
    public byte[] Pixels { get; }

    /// <summary>For mode P: 256 colours, red green blue; null otherwise.</summary>
    public byte[]? Palette { get; init; }

    /// <summary>For mode P: 256 alpha values where the file has any transparency, else null.</summary>
    public byte[]? PaletteAlpha { get; init; }

    /// <summary>
    /// The colour the file declares transparent, where it does so by colour: one number for modes 1, L and I, three for
    /// RGB; null otherwise. As in Pillow the number is the file's, not scaled with the samples of 1-, 2- and 4-bit grey.
    /// </summary>
    public int[]? ColorKey { get; init; }

    /// <summary>The same mode, palette and transparency with other samples, as a resize leaves them.</summary>
    /// <param name="width">Columns of the new picture.</param>
    /// <param name="height">Rows of the new picture.</param>
    /// <param name="pixels">Its samples; kept, not copied.</param>
    public Picture With(int width, int height, byte[] pixels) => new(Mode, width, height, pixels)
    {
        Palette = Palette,
        PaletteAlpha = PaletteAlpha,
        ColorKey = ColorKey,
    };
}
