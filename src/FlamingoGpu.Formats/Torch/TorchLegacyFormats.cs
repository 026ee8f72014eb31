namespace FlamingoGpu.Formats;

/// <summary>Recognises what torch and pickle wrote before ZIP archives, so that the message can say so.</summary>
internal static class TorchLegacyFormats
{
    /// <summary>Where a tar archive has its magic.</summary>
    private const int TarMagicOffset = 257;

    /// <summary>LONG1 of ten bytes: the magic number that torch pickled first, 0x1950a86a20f9469cfc6c.</summary>
    private static ReadOnlySpan<byte> LegacyMagic =>
        [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    /// <summary>What the file is, for a message, or null.</summary>
    /// <param name="head">The first 512 bytes, or all of a shorter file.</param>
    public static string? NameOf(ReadOnlySpan<byte> head)
    {
        if (head.Length > TarMagicOffset + 5 && head.Slice(TarMagicOffset, 5).SequenceEqual("ustar"u8))
            return "in torch's oldest format (a tar archive), which is not read";
        if (head.Length < 3 || head[0] != 0x80 || head[1] > 5) return null;
        return head[2..].IndexOf(LegacyMagic) is >= 0 and < 16
            ? "in torch's legacy format (pickles one after the other, before torch 1.6), which is not read"
            : "a bare pickle, which is not read";
    }
}
