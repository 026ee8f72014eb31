using System.Buffers.Binary;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Models.Preprocessing;

/// <summary>
/// Pillow's <c>Image.resize(size, BICUBIC)</c>, sample for sample (version 9.4): a horizontal and a vertical pass of the
/// antialiased filter with an 8-bit picture in between. Modes 1 and P cannot be interpolated and take the nearest
/// sample; LA and RGBA are filtered with premultiplied alpha; mode I is filtered in double precision.
/// </summary>
public static class PillowResize
{
    /// <summary>Resizes the whole picture.</summary>
    /// <param name="picture">Any mode; not changed.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <returns>A picture of the same mode; the argument itself if it has that size.</returns>
    public static Picture Bicubic(Picture picture, int width, int height) =>
        Bicubic(picture, width, height, new ResizeWindow(0, 0, width, height));

    /// <summary>Resizes and crops: the result is a part of what <see cref="Bicubic(Picture, int, int)"/> would give.</summary>
    /// <param name="picture">Any mode; not changed.</param>
    /// <param name="width">Columns of the resized picture before the crop, at least 1.</param>
    /// <param name="height">Rows of the resized picture before the crop, at least 1.</param>
    /// <param name="window">The part wanted; lies within the resized picture.</param>
    /// <returns>A picture of the same mode and the window's size.</returns>
    /// <remarks>Time and memory follow the window and the source, not the resized size.</remarks>
    public static Picture Bicubic(Picture picture, int width, int height, ResizeWindow window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window.Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window.Height, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(window.Left);
        ArgumentOutOfRangeException.ThrowIfNegative(window.Top);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)window.Left + window.Width, width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)window.Top + window.Height, height);
        if (picture.Width == width && picture.Height == height)
        {
            return window.Width == width && window.Height == height ? picture : Nearest(picture, width, height, window);
        }

        return picture.Mode switch
        {
            PictureMode.Bilevel or PictureMode.P => Nearest(picture, width, height, window),
            PictureMode.I => FilterIntegers(picture, width, height, window),
            PictureMode.LA or PictureMode.Rgba => FilterPremultiplied(picture, width, height, window),
            _ => picture.With(
                window.Width, window.Height, FilterBytes(picture, picture.Pixels, width, height, window)),
        };
    }

    /// <summary>Takes for each pixel the one whose area holds its centre.</summary>
    private static Picture Nearest(Picture picture, int width, int height, ResizeWindow window)
    {
        var size = picture.Mode.BytesPerPixel();
        var columns = NearestPositions(picture.Width, width, window.Left, window.Width);
        var rows = NearestPositions(picture.Height, height, window.Top, window.Height);
        var result = new byte[window.Width * window.Height * size];
        for (var y = 0; y < window.Height; y++)
        {
            var source = picture.Pixels.AsSpan(rows[y] * picture.Width * size, picture.Width * size);
            var target = result.AsSpan(y * window.Width * size, window.Width * size);
            for (var x = 0; x < columns.Length; x++)
            {
                source.Slice(columns[x] * size, size).CopyTo(target.Slice(x * size, size));
            }
        }

        return picture.With(window.Width, window.Height, result);
    }

    /// <summary>Centres of the target mapped to the source by adding up the step, as Pillow does, rounding included.</summary>
    private static int[] NearestPositions(int sourceSize, int targetSize, int first, int count)
    {
        var positions = new int[count];
        var step = (double)(float)sourceSize / targetSize;
        var at = step * 0.5;
        for (var i = 0; i < first; i++) at += step;
        for (var i = 0; i < count; i++, at += step) positions[i] = Math.Min((int)at, sourceSize - 1);
        return positions;
    }

    private static Picture FilterPremultiplied(Picture picture, int width, int height, ResizeWindow window)
    {
        var size = picture.Mode.BytesPerPixel();
        var premultiplied = (byte[])picture.Pixels.Clone();
        for (var i = 0; i < premultiplied.Length; i += size)
        {
            var alpha = premultiplied[i + size - 1];
            for (var c = 0; c < size - 1; c++)
            {
                var product = premultiplied[i + c] * alpha + 128;
                premultiplied[i + c] = (byte)(((product >> 8) + product) >> 8);
            }
        }

        var result = FilterBytes(picture, premultiplied, width, height, window);
        for (var i = 0; i < result.Length; i += size)
        {
            var alpha = result[i + size - 1];
            if (alpha is 0 or 255) continue;
            for (var c = 0; c < size - 1; c++) result[i + c] = (byte)Math.Min(255 * result[i + c] / alpha, 255);
        }

        return picture.With(window.Width, window.Height, result);
    }

    /// <summary>
    /// Both passes over 8-bit samples. Each source row is filtered horizontally once and added to the output rows it
    /// touches, so no picture lies in between. A pass whose axis keeps its size has weights of exactly 1 and 0.
    /// </summary>
    private static byte[] FilterBytes(Picture picture, byte[] source, int width, int height, ResizeWindow window)
    {
        var size = picture.Mode.BytesPerPixel();
        var horizontal = new BicubicWeights(picture.Width, width, window.Left, window.Width);
        var vertical = new BicubicWeights(picture.Height, height, window.Top, window.Height);
        var rowBytes = window.Width * size;
        var row = new byte[rowBytes];
        var sums = new int[window.Height * rowBytes];
        sums.AsSpan().Fill(1 << (BicubicWeights.FractionBits - 1));
        var open = 0;
        for (var y = vertical.Start[0]; y < vertical.End(window.Height - 1); y++)
        {
            FilterRow(source.AsSpan(y * picture.Width * size, picture.Width * size), row, horizontal, size);
            while (vertical.End(open) <= y) open++;
            for (var i = open; i < window.Height && vertical.Start[i] <= y; i++)
            {
                AddWeighted(row, vertical.FixedAt(i, y), sums.AsSpan(i * rowBytes, rowBytes));
            }
        }

        var result = new byte[sums.Length];
        for (var i = 0; i < result.Length; i++) result[i] = ToByte(sums[i]);
        return result;
    }

    private static void AddWeighted(ReadOnlySpan<byte> row, int weight, Span<int> sums)
    {
        sums = sums[..row.Length];
        for (var x = 0; x < row.Length; x++) sums[x] += row[x] * weight;
    }

    private static void FilterRow(ReadOnlySpan<byte> source, Span<byte> target, BicubicWeights weights, int size)
    {
        for (int x = 0, at = 0; at < target.Length; x++, at += size)
        {
            var taps = weights.FixedOf(x);
            var samples = source.Slice(weights.Start[x] * size, taps.Length * size);
            if (size == 3)
            {
                FilterRgb(samples, taps, target.Slice(at, 3));
                continue;
            }

            for (var c = 0; c < size; c++)
            {
                var sum = 1 << (BicubicWeights.FractionBits - 1);
                for (int tap = 0, from = c; tap < taps.Length; tap++, from += size) sum += samples[from] * taps[tap];
                target[at + c] = ToByte(sum);
            }
        }
    }

    private static void FilterRgb(ReadOnlySpan<byte> samples, ReadOnlySpan<int> taps, Span<byte> target)
    {
        int red, green, blue;
        red = green = blue = 1 << (BicubicWeights.FractionBits - 1);
        for (var tap = 0; tap < taps.Length; tap++)
        {
            var weight = taps[tap];
            var pixel = samples.Slice(3 * tap, 3);
            red += pixel[0] * weight;
            green += pixel[1] * weight;
            blue += pixel[2] * weight;
        }

        target[0] = ToByte(red);
        target[1] = ToByte(green);
        target[2] = ToByte(blue);
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> BicubicWeights.FractionBits, 0, 255);

    /// <summary>Mode I: 32-bit integers between the passes, no clipping.</summary>
    private static Picture FilterIntegers(Picture picture, int width, int height, ResizeWindow window)
    {
        var source = new int[picture.Width * picture.Height];
        for (var i = 0; i < source.Length; i++)
        {
            source[i] = BinaryPrimitives.ReadInt32LittleEndian(picture.Pixels.AsSpan(4 * i));
        }

        var horizontal = new BicubicWeights(picture.Width, width, window.Left, window.Width);
        var vertical = new BicubicWeights(picture.Height, height, window.Top, window.Height);
        var row = new int[window.Width];
        var sums = new double[window.Height * window.Width];
        var open = 0;
        for (var y = vertical.Start[0]; y < vertical.End(window.Height - 1); y++)
        {
            var samples = source.AsSpan(y * picture.Width, picture.Width);
            for (var x = 0; x < row.Length; x++) row[x] = FilterPixel(samples, horizontal, x);
            while (vertical.End(open) <= y) open++;
            for (var i = open; i < window.Height && vertical.Start[i] <= y; i++)
            {
                var weight = vertical.ExactAt(i, y);
                for (var x = 0; x < row.Length; x++) sums[i * row.Length + x] += row[x] * weight;
            }
        }

        var result = new byte[4 * sums.Length];
        for (var i = 0; i < sums.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(4 * i), Round(sums[i]));
        }

        return picture.With(window.Width, window.Height, result);
    }

    private static int FilterPixel(ReadOnlySpan<int> samples, BicubicWeights weights, int position)
    {
        var sum = 0.0;
        for (var at = weights.Start[position]; at < weights.End(position); at++)
        {
            sum += samples[at] * weights.ExactAt(position, at);
        }

        return Round(sum);
    }

    /// <summary>To the nearest integer, halves away from zero, as Pillow writes it.</summary>
    private static int Round(double value) =>
        (int)(value >= 0 ? Math.Floor(value + 0.5) : -Math.Floor(Math.Abs(value) + 0.5));
}
