using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// The variable-width LZW of GIF (GIF89a, appendix F). Codes grow from the minimum size plus one to 12 bits; a full
/// table stays as it is until the next clear code.
/// </summary>
internal static class GifLzw
{
    private const int LargestCodeSize = 12;
    private const int TableSize = 1 << LargestCodeSize;

    /// <summary>Reads the code size and data blocks that follow an image descriptor until the frame is full.</summary>
    /// <exception cref="InvalidFileException">The stream ends early or holds an impossible code.</exception>
    public static void Decode(ref GifBytes reader, GifFrame frame)
    {
        int minimumSize = reader.TakeByte("the image data");
        if (minimumSize is < 1 or > LargestCodeSize - 1)
        {
            throw new InvalidFileException(
                reader.Name, $"GIF: the LZW code size {minimumSize} is not within 1 to 11.", offset: reader.Position);
        }

        var clear = 1 << minimumSize;
        var end = clear + 1;

        // Entry c is the string of entry prefix[c] followed by the index suffix[c].
        Span<ushort> prefix = stackalloc ushort[TableSize];
        Span<byte> suffix = stackalloc byte[TableSize];
        Span<byte> text = stackalloc byte[TableSize + 1];
        var next = clear + 2;
        var codeSize = minimumSize + 1;
        var previous = -1;
        byte firstOfPrevious = 0;
        var bits = 0u;
        var bitCount = 0;
        ReadOnlySpan<byte> block = default;
        while (!frame.IsFull)
        {
            while (bitCount < codeSize)
            {
                if (block.IsEmpty) block = reader.TakeSubBlock();
                if (block.IsEmpty) throw Truncated(reader);
                bits |= (uint)block[0] << bitCount;
                block = block[1..];
                bitCount += 8;
            }

            var code = (int)(bits & ((1u << codeSize) - 1));
            bits >>= codeSize;
            bitCount -= codeSize;
            if (code == end) throw Truncated(reader);
            if (code == clear)
            {
                next = clear + 2;
                codeSize = minimumSize + 1;
                previous = -1;
                continue;
            }

            if (code > next || (previous < 0 && code > clear) || (code == next && next == TableSize))
            {
                throw new InvalidFileException(
                    reader.Name, $"GIF: the LZW code {code} has no meaning yet.", offset: reader.Position);
            }

            // Strings come out last index first, so they are built from the end of the buffer.
            var start = text.Length;
            var walk = code;
            if (code == next)
            {
                text[--start] = firstOfPrevious;
                walk = previous;
            }

            while (walk >= clear)
            {
                text[--start] = suffix[walk];
                walk = prefix[walk];
            }

            firstOfPrevious = (byte)walk;
            text[--start] = firstOfPrevious;
            frame.Write(text[start..]);

            if (previous >= 0 && next < TableSize)
            {
                prefix[next] = (ushort)previous;
                suffix[next] = firstOfPrevious;
                next++;
                if (next == 1 << codeSize && codeSize < LargestCodeSize) codeSize++;
            }

            previous = code;
        }
    }

    private static InvalidFileException Truncated(in GifBytes reader) => new(
        reader.Name, "GIF: the image data is truncated; it ends before the last pixel.", offset: reader.Position);
}
