using System.Runtime.CompilerServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>
/// The entropy-coded bits of one JPEG scan. Stuffed zero bytes are removed; a marker or the end of the file ends the
/// bits, after which zeros are delivered and <see cref="RequireNotExhausted"/> reports the damage.
/// </summary>
internal ref struct JpegBits
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly string _name;
    private ulong _window;
    private int _count;
    private int _zerosDelivered;

    public JpegBits(ReadOnlySpan<byte> file, int position, string name)
    {
        _file = file;
        _name = name;
        Position = position;
    }

    /// <summary>Offset of the first byte not taken in; never beyond the next marker.</summary>
    public int Position { get; private set; }

    /// <summary>Decodes one symbol.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Symbol(JpegHuffmanTable table)
    {
        if (_count < 16) Fill();
        var found = table.Find((int)(_window >> (_count - 16)) & 0xFFFF);
        if (found == 0) ThrowBadCode();
        _count -= found >> 8;
        return found & 0xFF;
    }

    /// <summary>The next <paramref name="count"/> bits, 0 to 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Bits(int count)
    {
        if (_count < count) Fill();
        _count -= count;
        return (int)(_window >> _count) & ((1 << count) - 1);
    }

    /// <summary>A signed value of magnitude category <paramref name="size"/> (T.81, figure F.12).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Signed(int size)
    {
        if (size == 0) return 0;
        var value = Bits(size);
        return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    /// <summary>Throws if bits were read that the file does not hold.</summary>
    public readonly void RequireNotExhausted()
    {
        if (_zerosDelivered <= _count) return;
        if (Position >= _file.Length)
        {
            throw new InvalidFileException(_name, "JPEG: the file is truncated within a scan.", offset: Position);
        }

        throw new InvalidFileException(
            _name, "JPEG: the scan data is damaged; a marker comes before the scan is complete.", offset: Position);
    }

    /// <summary>Drops the bits left of the last byte and steps over the restart marker that must follow.</summary>
    /// <param name="number">0 to 7, the marker expected.</param>
    public void Restart(int number)
    {
        _count = 0;
        _zerosDelivered = 0;
        var marker = JpegMarkers.Next(_file, Position, _name, out var next);
        if (marker != JpegMarkers.Rst0 + number)
        {
            throw new InvalidFileException(
                _name,
                $"JPEG: the scan data is damaged; restart marker {number} expected, marker 0x{marker:X2} found.",
                offset: next - 2);
        }

        Position = next;
    }

    private void Fill()
    {
        while (_count <= 48)
        {
            _window <<= 8;
            _count += 8;
            if (Position < _file.Length && _file[Position] != 0xFF)
            {
                _window |= _file[Position++];
            }
            else if (TakeStuffedByte())
            {
                _window |= 0xFF;
            }
            else
            {
                _zerosDelivered += 8;
            }
        }
    }

    /// <summary>Steps over FF 00 (after any number of further FF), which stands for one data byte FF.</summary>
    private bool TakeStuffedByte()
    {
        var behind = Position;
        while (behind < _file.Length && _file[behind] == 0xFF) behind++;
        if (behind == Position || behind >= _file.Length)
        {
            Position = behind;
            return false;
        }

        if (_file[behind] != 0) return false;
        Position = behind + 1;
        return true;
    }

    private readonly void ThrowBadCode()
    {
        RequireNotExhausted();
        throw new InvalidFileException(
            _name, "JPEG: the scan data is damaged; a bit pattern is no code of its Huffman table.", offset: Position);
    }
}
