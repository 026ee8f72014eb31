using System.Buffers.Binary;
using FlamingoGpu.Formats.Images;

namespace FlamingoGpu.Fuzz;

public sealed class PngFuzz
{
    [Fact]
    public void Decode_DamagedFile_OnlyInvalidFileEscapes() =>
        PictureFuzzLoop.Run("png_", new PngDecoder(), MendChecksums);

    /// <summary>Writes the right checksum behind every chunk that fits the file.</summary>
    private static void MendChecksums(byte[] file)
    {
        for (var at = 8L; at + 12 <= file.Length;)
        {
            var end = at + 8 + BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (end + 4 > file.Length) return;
            var crc = 0xFFFFFFFFu;
            foreach (var b in file.AsSpan((int)at + 4, (int)(end - at - 4)))
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }

            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)end), ~crc);
            at = end + 4;
        }
    }
}
