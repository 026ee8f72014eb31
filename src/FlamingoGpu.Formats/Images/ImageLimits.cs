using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>What a decoder may be asked to allocate; checked against the file's header before anything is.</summary>
public sealed record ImageLimits
{
    /// <summary>40 million pixels.</summary>
    public static readonly ImageLimits Default = new();

    /// <summary>Largest width × height accepted; 40,000,000 unless set. A decoder takes up to 16 bytes per pixel.</summary>
    public long MaxPixels { get; init; } = 40_000_000;

    /// <summary>Longest side accepted; 1,000,000 unless set. The resize keeps weights in proportion to it.</summary>
    public int MaxSide { get; init; } = 1_000_000;

    /// <summary>Checks the size a header declares.</summary>
    /// <param name="name">The file, for the message.</param>
    /// <param name="format">The format's name, for the message.</param>
    /// <param name="width">Declared columns.</param>
    /// <param name="height">Declared rows.</param>
    /// <exception cref="InvalidFileException">A side is 0, or a limit is exceeded.</exception>
    public void Check(string name, string format, long width, long height)
    {
        if (width < 1 || height < 1)
        {
            throw new InvalidFileException(name, $"{format}: the header declares an empty picture, {width} x {height}.");
        }

        // Arrays are limited to 2^31 bytes, whatever the caller allows; the widest pixel of a file takes 8.
        var limit = Math.Min(MaxPixels, int.MaxValue / 8);
        if (width > MaxSide || height > MaxSide)
        {
            throw new InvalidFileException(
                name,
                $"{format}: the header declares {width} x {height} pixels; a side may have {MaxSide} at most. "
                + "Crop the picture, or raise the limit if the file is trusted.");
        }

        if (width * height > limit)
        {
            throw new InvalidFileException(
                name,
                $"{format}: the header declares {width} x {height} pixels, more than the limit of {limit}. "
                + "Scale the picture down, or raise the limit if the file is trusted.");
        }
    }
}
