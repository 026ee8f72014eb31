namespace FlamingoGpu.Formats.Images;

/// <summary>What the components of a JPEG mean.</summary>
internal enum JpegColorSpace
{
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

/// <summary>
/// Turns component rows into pixels. YCbCr goes to RGB through libjpeg's tables with 16 fractional bits (JFIF 1.02,
/// BT.601). Four-component files are taken to hold inverted inks whatever their markers say, as Pillow does.
/// </summary>
internal static class JpegColor
{
    private const int Half = 1 << 15;

    private static readonly int[] RedOfCr = Table(c => (Fixed(1.40200) * c + Half) >> 16);
    private static readonly int[] BlueOfCb = Table(c => (Fixed(1.77200) * c + Half) >> 16);
    private static readonly int[] GreenOfCr = Table(c => -Fixed(0.71414) * c);
    private static readonly int[] GreenOfCb = Table(c => -Fixed(0.34414) * c + Half);

    /// <summary>One row of RGB from luma and chroma rows of the picture's width.</summary>
    public static void YCbCrToRgb(
        ReadOnlySpan<byte> luma, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> rgb, int pixelBytes)
    {
        var width = rgb.Length / pixelBytes;
        luma = luma[..width];
        cb = cb[..width];
        cr = cr[..width];
        for (int x = 0, at = 0; x < luma.Length; x++, at += pixelBytes)
        {
            int y = luma[x], b = cb[x], r = cr[x];
            rgb[at] = Clamp(y + RedOfCr[r]);
            rgb[at + 1] = Clamp(y + ((GreenOfCb[b] + GreenOfCr[r]) >> 16));
            rgb[at + 2] = Clamp(y + BlueOfCb[b]);
        }
    }

    /// <summary>Writes one component into every <paramref name="pixelBytes"/>-th byte.</summary>
    public static void Plain(ReadOnlySpan<byte> component, Span<byte> pixels, int pixelBytes, bool inverted)
    {
        var flip = inverted ? 0xFF : 0;
        for (int x = 0, at = 0; at < pixels.Length; x++, at += pixelBytes) pixels[at] = (byte)(component[x] ^ flip);
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    private static int Fixed(double value) => (int)(value * 65536 + 0.5);

    private static int[] Table(Func<int, int> ofCentredChroma)
    {
        var table = new int[256];
        for (var i = 0; i < 256; i++) table[i] = ofCentredChroma(i - 128);
        return table;
    }
}
