using System.Buffers.Binary;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>The quantisation and Huffman tables a JPEG has defined so far; a later definition replaces an earlier.</summary>
internal sealed class JpegTables
{
    private readonly int[]?[] _quantization = new int[]?[4];
    private readonly JpegHuffmanTable?[] _dc = new JpegHuffmanTable?[4];
    private readonly JpegHuffmanTable?[] _ac = new JpegHuffmanTable?[4];
    private readonly string _name;

    public JpegTables(string name) => _name = name;

    /// <summary>64 factors in natural order.</summary>
    public int[] Quantization(int id) => _quantization[id] ?? throw Missing($"quantisation table {id}");

    /// <summary>Puts the typical tables where tables 0 and 1 are still undefined.</summary>
    public void AssumeStandardHuffman()
    {
        _dc[0] ??= Standard(JpegStandardTables.LumaDc);
        _dc[1] ??= Standard(JpegStandardTables.ChromaDc);
        _ac[0] ??= Standard(JpegStandardTables.LumaAc);
        _ac[1] ??= Standard(JpegStandardTables.ChromaAc);
    }

    public JpegHuffmanTable Dc(int id)
    {
        var table = id < 4 ? _dc[id] : null;
        if (table is null) throw Missing($"DC Huffman table {id}");
        if (table.LargestSymbol > 15)
        {
            throw new InvalidFileException(_name, $"JPEG: DC Huffman table {id} holds symbols beyond 15.");
        }

        return table;
    }

    public JpegHuffmanTable Ac(int id) => (id < 4 ? _ac[id] : null) ?? throw Missing($"AC Huffman table {id}");

    /// <summary>Takes in a DQT segment (ITU T.81, B.2.4.1): tables of 8- or 16-bit factors in zigzag order.</summary>
    public void ReadQuantization(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            var wide = segment[0] >> 4 != 0;
            var id = segment[0] & 15;
            var length = wide ? 129 : 65;
            if (id > 3) throw new InvalidFileException(_name, $"JPEG: quantisation table {id}; there are tables 0 to 3.");
            if (segment.Length < length)
            {
                throw new InvalidFileException(
                    _name, $"JPEG: quantisation table {id} has {segment.Length - 1} bytes, not {length - 1}.");
            }

            var table = new int[64];
            for (var k = 0; k < 64; k++)
            {
                table[JpegZigzag.ToNatural(k)] =
                    wide ? BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + 2 * k)..]) : segment[1 + k];
            }

            _quantization[id] = table;
            segment = segment[length..];
        }
    }

    /// <summary>Takes in a DHT segment (ITU T.81, B.2.4.2): class and number, 16 counts, the symbols.</summary>
    public void ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            var tableClass = segment[0] >> 4;
            var id = segment[0] & 15;
            if (tableClass > 1 || id > 3)
            {
                throw new InvalidFileException(
                    _name, $"JPEG: Huffman table class {tableClass}, number {id}; classes are 0 and 1, numbers 0 to 3.");
            }

            var count = 0;
            if (segment.Length >= 17) foreach (var ofLength in segment.Slice(1, 16)) count += ofLength;
            if (segment.Length < 17 + count || count > 256)
            {
                throw new InvalidFileException(
                    _name, $"JPEG: Huffman table {id} declares {count} symbols in {segment.Length} bytes.");
            }

            var table = new JpegHuffmanTable(segment.Slice(1, 16), segment.Slice(17, count), _name);
            (tableClass == 0 ? _dc : _ac)[id] = table;
            segment = segment[(17 + count)..];
        }
    }

    private JpegHuffmanTable Standard(ReadOnlySpan<byte> countsAndSymbols) =>
        new(countsAndSymbols[..16], countsAndSymbols[16..], _name);

    private InvalidFileException Missing(string table) => new(_name, $"JPEG: a scan uses {table}, which is not defined.");
}
