using System.Buffers.Binary;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>Reads the filtered rows of a PNG from its inflated stream and spreads them over the picture.</summary>
internal sealed class PngRows
{
    // Adam7: first column, first row, column step, row step of each pass.
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly PngHeader _header;
    private readonly string _name;
    private readonly Stream _inflate;

    /// <param name="header">Sizes and kinds.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="inflate">Filter byte and samples of each row.</param>
    public PngRows(PngHeader header, string name, Stream inflate)
    {
        _header = header;
        _name = name;
        _inflate = inflate;
    }

    /// <summary>Fills <paramref name="pixels"/>, [height, width, bytes per pixel of the mode].</summary>
    public void ReadInto(Span<byte> pixels)
    {
        if (!_header.Interlaced)
        {
            ReadPass(pixels, (0, 0, 1, 1));
            return;
        }

        foreach (var pass in Passes) ReadPass(pixels, pass);
    }

    private void ReadPass(Span<byte> pixels, (int X, int Y, int StepX, int StepY) pass)
    {
        var columns = (_header.Width - pass.X + pass.StepX - 1) / pass.StepX;
        var rows = (_header.Height - pass.Y + pass.StepY - 1) / pass.StepY;
        if (columns <= 0 || rows <= 0) return;

        // One leading zero pixel on each row spares the filters the case of the first column.
        var bytesPerPixel = (_header.BitsPerPixel + 7) / 8;
        var rowBytes = _header.RowBytes(columns);
        var current = new byte[bytesPerPixel + rowBytes];
        var previous = new byte[bytesPerPixel + rowBytes];
        var outPixel = _header.Mode.BytesPerPixel();
        for (var row = 0; row < rows; row++)
        {
            var filter = ReadRow(current.AsSpan(bytesPerPixel));
            Unfilter(filter, current, previous, bytesPerPixel);
            var start = ((pass.Y + row * pass.StepY) * _header.Width + pass.X) * outPixel;
            Spread(current.AsSpan(bytesPerPixel), pixels[start..], columns, pass.StepX * outPixel);
            (current, previous) = (previous, current);
        }
    }

    private int ReadRow(Span<byte> row)
    {
        try
        {
            var filter = _inflate.ReadByte();
            if (filter >= 0 && _inflate.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) == row.Length)
            {
                return filter;
            }
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException)
        {
            throw new InvalidFileException(_name, "PNG: the image data is damaged or truncated.", inner: damage);
        }

        throw new InvalidFileException(_name, "PNG: the image data is truncated.");
    }

    private void Unfilter(int filter, Span<byte> current, ReadOnlySpan<byte> previous, int step)
    {
        previous = previous[..current.Length];
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (var i = step; i < current.Length; i++) current[i] += current[i - step];
                break;
            case 2:
                for (var i = step; i < current.Length; i++) current[i] += previous[i];
                break;
            case 3:
                for (var i = step; i < current.Length; i++)
                {
                    current[i] += (byte)((current[i - step] + previous[i]) / 2);
                }

                break;
            case 4:
                for (var i = step; i < current.Length; i++)
                {
                    current[i] += Paeth(current[i - step], previous[i], previous[i - step]);
                }

                break;
            default:
                throw new InvalidFileException(_name, $"PNG: row filter {filter} is not in the format.");
        }
    }

    /// <summary>Of left, above and upper left, the one nearest to left + above − upper left; ties in that order.</summary>
    private static byte Paeth(int left, int above, int upperLeft)
    {
        var toLeft = Math.Abs(above - upperLeft);
        var toAbove = Math.Abs(left - upperLeft);
        var toUpperLeft = Math.Abs(left + above - 2 * upperLeft);
        if (toLeft <= toAbove && toLeft <= toUpperLeft) return (byte)left;
        return (byte)(toAbove <= toUpperLeft ? above : upperLeft);
    }

    /// <summary>Writes the pixels of one row, each <paramref name="stride"/> bytes after the one before.</summary>
    private void Spread(ReadOnlySpan<byte> row, Span<byte> target, int columns, int stride)
    {
        var size = _header.Mode.BytesPerPixel();
        if (_header.Depth == 8 && stride == size)
        {
            row.CopyTo(target);
        }
        else if (_header.Depth == 8)
        {
            for (var x = 0; x < columns; x++) row.Slice(x * size, size).CopyTo(target[(x * stride)..]);
        }
        else if (_header.Depth == 16)
        {
            SpreadWide(row, target, columns, stride);
        }
        else
        {
            SpreadPacked(row, target, columns, stride);
        }
    }

    private void SpreadPacked(ReadOnlySpan<byte> row, Span<byte> target, int columns, int stride)
    {
        var depth = _header.Depth;
        var mask = (1 << depth) - 1;
        var scale = _header.ColorType == PngHeader.Indexed ? 1 : 255 / mask;
        for (var x = 0; x < columns; x++)
        {
            var bit = x * depth;
            target[x * stride] = (byte)(((row[bit >> 3] >> (8 - depth - (bit & 7))) & mask) * scale);
        }
    }

    private void SpreadWide(ReadOnlySpan<byte> row, Span<byte> target, int columns, int stride)
    {
        var channels = _header.Channels;
        for (var x = 0; x < columns; x++)
        {
            var samples = row.Slice(2 * channels * x, 2 * channels);
            var pixel = target[(x * stride)..];
            switch (_header.ColorType)
            {
                case PngHeader.Grey:
                    BinaryPrimitives.WriteInt32LittleEndian(pixel, BinaryPrimitives.ReadUInt16BigEndian(samples));
                    break;
                case PngHeader.GreyAlpha:
                    pixel[0] = pixel[1] = pixel[2] = samples[0];
                    pixel[3] = samples[2];
                    break;
                default:
                    for (var c = 0; c < channels; c++) pixel[c] = samples[2 * c];
                    break;
            }
        }
    }
}
