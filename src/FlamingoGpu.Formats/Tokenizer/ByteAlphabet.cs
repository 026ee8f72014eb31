namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>
/// GPT-2's way to write any byte as a visible character: printable Latin-1 stands for itself, every other byte, in
/// ascending order, for U+0100 and up. A space is Ġ, a line feed Ċ.
/// </summary>
public static class ByteAlphabet
{
    private static readonly char[] CharOfByte = MakeChars();
    private static readonly short[] ByteOfChar = MakeBytes();

    /// <summary>The character that stands for a byte.</summary>
    public static char CharOf(byte value) => CharOfByte[value];

    /// <summary>The byte a character stands for; false for characters outside the alphabet.</summary>
    public static bool TryByteOf(char character, out byte value)
    {
        var found = character < ByteOfChar.Length ? ByteOfChar[character] : (short)-1;
        value = (byte)found;
        return found >= 0;
    }

    /// <summary>Writes bytes in the alphabet.</summary>
    public static string Write(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (chars, source) =>
        {
            for (var i = 0; i < source.Length; i++) chars[i] = CharOfByte[source[i]];
        });

    /// <summary>Reads a text in the alphabet; null when a character does not belong to it.</summary>
    public static byte[]? TryRead(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!TryByteOf(text[i], out bytes[i])) return null;
        }

        return bytes;
    }

    private static bool StandsForItself(int value) =>
        value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xFF and not 0xAD);

    private static char[] MakeChars()
    {
        var chars = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++) chars[value] = (char)(StandsForItself(value) ? value : next++);
        return chars;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[CharOfByte.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++) bytes[CharOfByte[value]] = (short)value;
        return bytes;
    }
}
