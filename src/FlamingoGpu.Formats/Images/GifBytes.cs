using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Images;

/// <summary>Walks the bytes of a GIF; running out of them is a truncated file.</summary>
internal ref struct GifBytes
{
    private readonly ReadOnlySpan<byte> _file;

    public GifBytes(ReadOnlySpan<byte> file, string name)
    {
        _file = file;
        Name = name;
    }

    /// <summary>The file, for messages.</summary>
    public string Name { get; }

    /// <summary>Offset of the next byte.</summary>
    public int Position { get; private set; }

    public byte TakeByte(string what) => Take(1, what)[0];

    public ReadOnlySpan<byte> Take(int count, string what)
    {
        if (_file.Length - Position < count)
        {
            throw new InvalidFileException(Name, $"GIF: the file is truncated within {what}.", offset: Position);
        }

        var taken = _file.Slice(Position, count);
        Position += count;
        return taken;
    }

    /// <summary>A length byte and that many bytes; empty at the end of a chain of blocks.</summary>
    public ReadOnlySpan<byte> TakeSubBlock() => Take(TakeByte("a data block"), "a data block");
}
