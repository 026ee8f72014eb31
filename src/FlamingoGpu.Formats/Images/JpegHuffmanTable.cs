using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// One Huffman code of a JPEG (ITU T.81, annex C): up to 256 symbols, code lengths 1 to 16. Codes up to
/// <see cref="LookupBits"/> bits are found by one table read, longer ones by comparing with the largest code per length.
/// </summary>
internal sealed class JpegHuffmanTable
{
    /// <summary>Longest code the lookup table holds.</summary>
    public const int LookupBits = 9;

    private readonly ushort[] _lookup = new ushort[1 << LookupBits];
    private readonly int[] _endOfLength = new int[18];
    private readonly int[] _firstOfLength = new int[17];
    private readonly int[] _symbolOfLength = new int[17];
    private readonly byte[] _symbols;

    /// <param name="counts">How many codes have each length, lengths 1 to 16.</param>
    /// <param name="symbols">The symbols in the order of their codes.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="InvalidFileException">More codes of some length than there is room for.</exception>
    public JpegHuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, string name)
    {
        _symbols = symbols.ToArray();
        var code = 0;
        var index = 0;
        for (var length = 1; length <= 16; length++)
        {
            _firstOfLength[length] = code;
            _symbolOfLength[length] = index;
            for (var i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                if (code >= 1 << length)
                {
                    throw new InvalidFileException(
                        name, $"JPEG: a Huffman table has more codes of {length} bits than there are.");
                }

                if (length > LookupBits) continue;
                var first = code << (LookupBits - length);
                _lookup.AsSpan(first, 1 << (LookupBits - length)).Fill((ushort)(length << 8 | symbols[index]));
            }

            _endOfLength[length] = code;
            code <<= 1;
        }
    }

    /// <summary>Largest symbol; a DC table may not exceed 15.</summary>
    public int LargestSymbol => _symbols.Length == 0 ? 0 : _symbols.Max();

    /// <summary>
    /// Length and symbol, as length × 256 + symbol, of the code that <paramref name="window"/> (16 bits) starts with;
    /// 0 if no code does.
    /// </summary>
    public int Find(int window)
    {
        var found = _lookup[window >> (16 - LookupBits)];
        return found != 0 ? found : FindLong(window);
    }

    private int FindLong(int window)
    {
        for (var length = LookupBits + 1; length <= 16; length++)
        {
            var code = window >> (16 - length);
            if (code < _endOfLength[length])
            {
                var offset = code - _firstOfLength[length];
                return offset < 0 ? 0 : length << 8 | _symbols[_symbolOfLength[length] + offset];
            }
        }

        return 0;
    }
}
