namespace FlamingoGpu.Formats.Images;

/// <summary>Upsamples the decoded planes and converts them to pixels, row by row.</summary>
internal static class JpegOutput
{
    /// <summary>Makes the picture: mode L, RGB or CMYK after the number of components.</summary>
    public static Picture Assemble(JpegFrame frame, JpegColorSpace colorSpace)
    {
        var mode = frame.Components.Length switch { 1 => PictureMode.L, 3 => PictureMode.Rgb, _ => PictureMode.Cmyk };
        var pixelBytes = mode.BytesPerPixel();
        var rowBytes = frame.Width * pixelBytes;
        var pixels = new byte[rowBytes * frame.Height];
        var upsamplers = Array.ConvertAll(frame.Components, component => new JpegUpsampler(frame, component));
        for (var y = 0; y < frame.Height; y++)
        {
            var row = pixels.AsSpan(y * rowBytes, rowBytes);
            if (colorSpace is JpegColorSpace.YCbCr or JpegColorSpace.Ycck)
            {
                // YCCK inks are 255 minus the RGB of their YCC; inverted, they are that RGB.
                JpegColor.YCbCrToRgb(
                    upsamplers[0].Row(y), upsamplers[1].Row(y), upsamplers[2].Row(y), row, pixelBytes);
                if (pixelBytes == 4) JpegColor.Plain(upsamplers[3].Row(y), row[3..], 4, inverted: true);
                continue;
            }

            for (var c = 0; c < pixelBytes; c++)
            {
                JpegColor.Plain(upsamplers[c].Row(y), row[c..], pixelBytes, inverted: colorSpace == JpegColorSpace.Cmyk);
            }
        }

        return new Picture(mode, frame.Width, frame.Height, pixels);
    }
}
