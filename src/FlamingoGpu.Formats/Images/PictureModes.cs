namespace FlamingoGpu.Formats.Images;

/// <summary>Facts about each <see cref="PictureMode"/>. Pure functions, safe from any thread.</summary>
public static class PictureModes
{
    /// <summary>Bytes one pixel takes in <see cref="Picture.Pixels"/>: 1, 2, 3 or 4.</summary>
    public static int BytesPerPixel(this PictureMode mode) => mode switch
    {
        PictureMode.Bilevel or PictureMode.L or PictureMode.P => 1,
        PictureMode.LA => 2,
        PictureMode.Rgb => 3,
        _ => 4,
    };

    /// <summary>The name Pillow uses, such as <c>1</c> for <see cref="PictureMode.Bilevel"/>.</summary>
    public static string PillowName(this PictureMode mode) => mode switch
    {
        PictureMode.Bilevel => "1",
        PictureMode.Rgb => "RGB",
        PictureMode.Rgba => "RGBA",
        PictureMode.Cmyk => "CMYK",
        _ => mode.ToString(),
    };
}
