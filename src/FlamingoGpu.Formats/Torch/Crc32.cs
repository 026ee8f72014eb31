namespace FlamingoGpu.Formats;

/// <summary>The checksum of ZIP (polynomial 0xEDB88320, reflected), eight bytes a step with eight tables.</summary>
internal static class Crc32
{
    private static readonly uint[] Tables = MakeTables();

    /// <summary>Continues a checksum over more bytes; begin with 0.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var tables = Tables;
        var crc = ~checksum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = crc ^ BitConverter.ToUInt32(bytes);
            var high = BitConverter.ToUInt32(bytes[4..]);
            crc = tables[(7 * 256) + (int)(low & 0xFF)] ^ tables[(6 * 256) + (int)((low >> 8) & 0xFF)]
                ^ tables[(5 * 256) + (int)((low >> 16) & 0xFF)] ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + (int)(high & 0xFF)] ^ tables[(2 * 256) + (int)((high >> 8) & 0xFF)]
                ^ tables[256 + (int)((high >> 16) & 0xFF)] ^ tables[(int)(high >> 24)];
        }
        foreach (var value in bytes) crc = tables[(int)((crc ^ value) & 0xFF)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB8_8320u : crc >> 1;
            tables[i] = crc;
        }
        for (var i = 256; i < tables.Length; i++)
            tables[i] = tables[(int)(tables[i - 256] & 0xFF)] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
