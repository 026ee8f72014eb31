using System.IO.Compression;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>Brings members of an archive into memory, never more than the directory promised.</summary>
internal static unsafe class ZipUnpacker
{
    private const int ChunkBytes = 1024 * 1024;

    /// <summary>A small member as an array, its checksum verified.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="entry">The member.</param>
    /// <param name="maxBytes">Larger members are refused.</param>
    public static byte[] ReadSmall(MappedFile file, ZipEntry entry, int maxBytes)
    {
        if (entry.ByteLength > maxBytes)
            throw Bad(file, entry, $"has {entry.ByteLength} bytes; at most {maxBytes} are accepted.");
        var bytes = new byte[entry.ByteLength];
        fixed (byte* start = bytes) Unpack(file, entry, start);
        return bytes;
    }

    /// <summary>A compressed member in memory of its own, its checksum verified.</summary>
    public static NativeBuffer ReadLarge(MappedFile file, ZipEntry entry)
    {
        var buffer = NativeBuffer.Allocate(entry.ByteLength, file.Path, tensor: null);
        try
        {
            Unpack(file, entry, (byte*)buffer.Address);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private static void Unpack(MappedFile file, ZipEntry entry, byte* destination)
    {
        using var packed = new UnmanagedMemoryStream((byte*)file.AddressOf(entry.DataOffset), entry.StoredBytes);
        using Stream stream = entry.IsDeflated ? new DeflateStream(packed, CompressionMode.Decompress) : packed;
        uint checksum = 0;
        try
        {
            for (long done = 0; done < entry.ByteLength;)
            {
                var chunk = new Span<byte>(destination + done, (int)Math.Min(ChunkBytes, entry.ByteLength - done));
                var got = stream.Read(chunk);
                if (got == 0) throw Bad(file, entry, $"unpacks to {done} bytes instead of {entry.ByteLength}.");
                checksum = Crc32.Append(checksum, chunk[..got]);
                done += got;
            }
            if (stream.ReadByte() >= 0) throw Bad(file, entry, $"unpacks to more than {entry.ByteLength} bytes.");
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new InvalidFileException(file.Path,
                $"the member '{entry.Name}' is damaged: {error.Message}", offset: entry.DataOffset, inner: error);
        }
        if (entry.Checksum != 0 && checksum != entry.Checksum)
            throw Bad(file, entry, $"is damaged: its checksum is {checksum:x8} instead of {entry.Checksum:x8}.");
    }

    private static InvalidFileException Bad(MappedFile file, ZipEntry entry, string problem) =>
        new(file.Path, $"the member '{entry.Name}' {problem}", offset: entry.DataOffset);
}
