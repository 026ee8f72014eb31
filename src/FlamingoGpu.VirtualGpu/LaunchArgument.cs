namespace FlamingoGpu.VirtualGpu;

/// <summary>One kernel argument: a number, or the bytes of a structure.</summary>
public readonly struct LaunchArgument
{
    private readonly ulong _bits;
    private readonly byte[]? _bytes;

    private LaunchArgument(ulong bits, int byteLength)
    {
        _bits = bits;
        ByteLength = byteLength;
    }

    /// <summary>A structure passed by value.</summary>
    public LaunchArgument(byte[] bytes)
    {
        _bytes = bytes;
        ByteLength = bytes.Length;
    }

    /// <summary>Size in bytes; must be that of the parameter.</summary>
    public int ByteLength { get; }

    /// <summary>A 64-bit parameter, most often an address.</summary>
    public static implicit operator LaunchArgument(ulong value) => new(value, 8);

    /// <summary>A signed 64-bit parameter.</summary>
    public static implicit operator LaunchArgument(long value) => new((ulong)value, 8);

    /// <summary>A signed 32-bit parameter.</summary>
    public static implicit operator LaunchArgument(int value) => new((uint)value, 4);

    /// <summary>An unsigned 32-bit parameter.</summary>
    public static implicit operator LaunchArgument(uint value) => new(value, 4);

    /// <summary>A single-precision parameter.</summary>
    public static implicit operator LaunchArgument(float value) => new(BitConverter.SingleToUInt32Bits(value), 4);

    internal void CopyTo(Span<byte> destination)
    {
        if (_bytes is not null)
        {
            _bytes.CopyTo(destination);
            return;
        }

        for (var i = 0; i < ByteLength; i++) destination[i] = (byte)(_bits >> (8 * i));
    }
}
