using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>Marker codes of JPEG (ITU T.81, table B.1) and the search for the next one.</summary>
internal static class JpegMarkers
{
    public const int Sof0 = 0xC0;
    public const int Sof1 = 0xC1;
    public const int Sof2 = 0xC2;
    public const int Dht = 0xC4;
    public const int Sof15 = 0xCF;
    public const int Jpg = 0xC8;
    public const int Dac = 0xCC;
    public const int Rst0 = 0xD0;
    public const int Rst7 = 0xD7;
    public const int Soi = 0xD8;
    public const int Eoi = 0xD9;
    public const int Sos = 0xDA;
    public const int Dqt = 0xDB;
    public const int Dnl = 0xDC;
    public const int Dri = 0xDD;
    public const int App0 = 0xE0;
    public const int App14 = 0xEE;
    public const int App15 = 0xEF;
    public const int Com = 0xFE;

    /// <summary>Finds the next marker, skipping bytes that are none, as libjpeg does.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="position">Where to begin.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="next">Offset behind the marker.</param>
    /// <returns>The code after FF; neither 0 nor FF.</returns>
    /// <exception cref="InvalidFileException">The file ends first.</exception>
    public static int Next(ReadOnlySpan<byte> file, int position, string name, out int next)
    {
        for (var i = position; i + 1 < file.Length; i++)
        {
            if (file[i] == 0xFF && file[i + 1] is not (0x00 or 0xFF))
            {
                next = i + 2;
                return file[i + 1];
            }
        }

        throw new InvalidFileException(
            name, "JPEG: the file is truncated; it ends before the end-of-image marker.", offset: file.Length);
    }
}
