namespace FlamingoGpu.Formats;

/// <summary>One member of a ZIP archive whose place in the file has been checked.</summary>
/// <param name="Name">Full name with forward slashes.</param>
/// <param name="HeaderOffset">Where the member begins in the file, its local header included.</param>
/// <param name="DataOffset">Where its (possibly compressed) bytes begin.</param>
/// <param name="StoredBytes">Bytes it takes in the file.</param>
/// <param name="ByteLength">Bytes it has when unpacked.</param>
/// <param name="IsDeflated">Compressed with DEFLATE; otherwise the bytes are there as they are.</param>
/// <param name="Checksum">CRC-32 of the unpacked bytes; 0 where the writer was told not to compute it.</param>
internal sealed record ZipEntry(
    string Name, long HeaderOffset, long DataOffset, long StoredBytes, long ByteLength, bool IsDeflated, uint Checksum);
