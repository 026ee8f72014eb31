namespace FlamingoGpu.Formats.Images;

/// <summary>
/// How the samples of a <see cref="Picture"/> are to be read. These are the modes Pillow gives to decoded files; the
/// reference preprocessing resizes in the picture's own mode, and the filter it uses depends on the mode.
/// </summary>
public enum PictureMode
{
    /// <summary>Pillow's "1": one byte a pixel, 0 or 255.</summary>
    Bilevel,

    /// <summary>Pillow's "L": one byte of luminance.</summary>
    L,

    /// <summary>Pillow's "LA": luminance, alpha.</summary>
    LA,

    /// <summary>Pillow's "P": one byte that indexes <see cref="Picture.Palette"/>.</summary>
    P,

    /// <summary>Pillow's "RGB": three bytes.</summary>
    Rgb,

    /// <summary>Pillow's "RGBA": red, green, blue, alpha; not premultiplied.</summary>
    Rgba,

    /// <summary>Pillow's "CMYK": four bytes, 255 is full ink.</summary>
    Cmyk,

    /// <summary>Pillow's "I": a signed 32-bit integer, little-endian; what a 16-bit grey PNG becomes.</summary>
    I,
}
