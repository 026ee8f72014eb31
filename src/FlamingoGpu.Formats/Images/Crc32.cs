namespace FlamingoGpu.Formats.Images;

/// <summary>The CRC of PNG chunks (PNG specification, annex D): polynomial 0xEDB88320, reflected.</summary>
internal static class Crc32
{
    // Table k advances the checksum over a byte that is followed by k further bytes: four bytes a step.
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>The checksum of a chunk's type and data.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        while (bytes.Length >= 4)
        {
            crc ^= System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = Tables[3][crc & 0xFF] ^ Tables[2][(crc >> 8) & 0xFF] ^ Tables[1][(crc >> 16) & 0xFF]
                ^ Tables[0][crc >> 24];
            bytes = bytes[4..];
        }

        foreach (var b in bytes) crc = Tables[0][(crc ^ b) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[4][];
        tables[0] = new uint[256];
        for (var n = 0u; n < 256; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            tables[0][n] = c;
        }

        for (var k = 1; k < 4; k++)
        {
            var previous = tables[k - 1];
            tables[k] = Array.ConvertAll(previous, c => tables[0][c & 0xFF] ^ (c >> 8));
        }

        return tables;
    }
}
