using System.Buffers.Binary;
using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// The central directory of a ZIP archive (APPNOTE 6.3, with ZIP64), read from a mapped file so that stored members can
/// be used in place. Accepts what torch and ordinary archivers write; refuses encryption, several disks, compression
/// other than DEFLATE, members that overlap (the trick of nested ZIP bombs), sizes that DEFLATE cannot reach, and a
/// directory that disagrees with the members' own headers.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint LocalSignature = 0x04034B50, CentralSignature = 0x02014B50, EndSignature = 0x06054B50;
    private const uint Zip64EndSignature = 0x06064B50, Zip64LocatorSignature = 0x07064B50;
    private const int LocalBytes = 30, CentralBytes = 46, EndBytes = 22, Zip64EndBytes = 56, Zip64LocatorBytes = 20;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const ushort Stored = 0, Deflated = 8;
    private const ushort EncryptedFlags = 0x2041; // Encrypted, strongly encrypted, masked header.

    /// <summary>DEFLATE's best case is 1032 bytes out of one; a little room for tiny members.</summary>
    private const long MaxDeflateRatio = 1040;

    private readonly MappedFile _file;
    private readonly Dictionary<string, ZipEntry> _byName = new(StringComparer.Ordinal);

    private ZipDirectory(MappedFile file) => _file = file;

    /// <summary>All members.</summary>
    public IReadOnlyCollection<ZipEntry> Entries => _byName.Values;

    /// <summary>Finds a member by its full name.</summary>
    public ZipEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads and checks the directory.</summary>
    /// <exception cref="InvalidFileException">The file is cut off, damaged, or uses what is refused.</exception>
    public static ZipDirectory Read(MappedFile file)
    {
        var directory = new ZipDirectory(file);
        var (offset, byteLength, count) = directory.FindDirectory();
        directory.ReadEntries(offset, byteLength, count);
        directory.RequireNoOverlap(offset);
        return directory;
    }

    private (long Offset, long ByteLength, long Count) FindDirectory()
    {
        var end = FindEnd();
        var record = _file.Slice(end, EndBytes);
        var disk = U16(record, 4);
        long count = U16(record, 10), byteLength = U32(record, 12), offset = U32(record, 16);
        var needsZip64 = count == ushort.MaxValue || byteLength == uint.MaxValue || offset == uint.MaxValue;
        var limit = end;
        if (needsZip64 || HasZip64Locator(end)) (offset, byteLength, count, limit) = ReadZip64End(end);
        else if (disk != 0) throw Bad("the archive spans several disks.", end);

        if (offset < 0 || byteLength < 0 || offset > limit || byteLength > limit - offset)
            throw Bad($"the directory is said to lie at {offset} with {byteLength} bytes, outside the file.", end);
        if (count < 0 || count > byteLength / CentralBytes)
            throw Bad($"the directory is said to have {count} members, more than its {byteLength} bytes hold.", end);
        return (offset, byteLength, count);
    }

    private long FindEnd()
    {
        if (_file.Length < EndBytes) throw Bad("too short for a ZIP archive.", 0);
        var last = _file.Length - EndBytes;
        var first = Math.Max(0, last - MaxCommentBytes);
        var tail = _file.Slice(first, (int)(_file.Length - first));
        for (var at = (int)(last - first); at >= 0; at--)
        {
            // The comment must reach the file's end, or the signature is part of something else.
            if (U32(tail, at) == EndSignature && U16(tail, at + 20) == tail.Length - at - EndBytes) return first + at;
        }
        throw Bad("no end of the ZIP directory is found; the file is cut off.", _file.Length);
    }

    private bool HasZip64Locator(long end) => end >= Zip64LocatorBytes
        && U32(_file.Slice(end - Zip64LocatorBytes, 4), 0) == Zip64LocatorSignature;

    private (long Offset, long ByteLength, long Count, long Limit) ReadZip64End(long end)
    {
        if (!HasZip64Locator(end)) throw Bad("the ZIP64 directory is announced but missing.", end);
        var locator = end - Zip64LocatorBytes;
        var at = I64(_file.Slice(locator, Zip64LocatorBytes), 8);
        if (at < 0 || at > locator - Zip64EndBytes)
            throw Bad($"the ZIP64 directory's end is said to lie at {at}.", locator);
        var record = _file.Slice(at, Zip64EndBytes);
        if (U32(record, 0) != Zip64EndSignature) throw Bad("the ZIP64 directory's end has a wrong signature.", at);
        if (U32(record, 16) != 0 || U32(record, 20) != 0) throw Bad("the archive spans several disks.", at);
        return (I64(record, 48), I64(record, 40), I64(record, 32), at);
    }

    private void ReadEntries(long offset, long byteLength, long count)
    {
        var end = offset + byteLength;
        for (var at = offset; count > 0; count--)
        {
            if (end - at < CentralBytes) throw Bad("the directory ends within a member.", at);
            var record = _file.Slice(at, CentralBytes);
            if (U32(record, 0) != CentralSignature) throw Bad("a member of the directory has a wrong signature.", at);
            int nameBytes = U16(record, 28), extraBytes = U16(record, 30), commentBytes = U16(record, 32);
            if (end - at - CentralBytes < nameBytes + extraBytes + commentBytes)
                throw Bad("the directory ends within a member's name.", at);
            var entry = ReadEntry(at, record, nameBytes, extraBytes, offset);
            if (!_byName.TryAdd(entry.Name, entry)) throw Bad($"the member '{entry.Name}' is there twice.", at);
            at += CentralBytes + nameBytes + extraBytes + commentBytes;
        }
    }

    private ZipEntry ReadEntry(long at, ReadOnlySpan<byte> record, int nameBytes, int extraBytes, long directory)
    {
        var nameSpan = _file.Slice(at + CentralBytes, nameBytes);
        var name = Name(nameSpan, at);
        var (flags, method) = (U16(record, 8), U16(record, 10));
        if ((flags & EncryptedFlags) != 0) throw Bad($"the member '{name}' is encrypted.", at);
        if (method is not (Stored or Deflated))
            throw Bad($"the member '{name}' uses compression method {method}; only stored and DEFLATE are read.", at);

        long stored = U32(record, 20), unpacked = U32(record, 24), header = U32(record, 42);
        var extra = _file.Slice(at + CentralBytes + nameBytes, extraBytes);
        ApplyZip64(extra, name, at, ref unpacked, ref stored, ref header);
        if (method == Stored && stored != unpacked)
            throw Bad($"the stored member '{name}' takes {stored} bytes but claims {unpacked}.", at);
        if (header > directory - LocalBytes) throw Bad($"the member '{name}' is said to lie at {header}.", at);
        var data = DataOffset(header, nameSpan, name, method);
        if (data > directory || stored > directory - data)
            throw Bad($"the data of member '{name}' ({stored} bytes at {data}) reaches beyond the members.", at);
        if (method == Deflated && unpacked / MaxDeflateRatio > stored)
            throw Bad($"the member '{name}' claims to unpack {stored} bytes to {unpacked}, which DEFLATE cannot.", at);
        return new ZipEntry(name, header, data, stored, unpacked, method == Deflated, U32(record, 16));
    }

    /// <summary>Sizes that do not fit 32 bits stand in extra field 1, only those, in this order.</summary>
    private void ApplyZip64(
        ReadOnlySpan<byte> extra, string name, long at, ref long unpacked, ref long stored, ref long header)
    {
        if (unpacked != uint.MaxValue && stored != uint.MaxValue && header != uint.MaxValue) return;
        while (extra.Length >= 4)
        {
            int id = U16(extra, 0), length = U16(extra, 2);
            if (length > extra.Length - 4) break;
            var field = extra.Slice(4, length);
            extra = extra[(4 + length)..];
            if (id != 1) continue;
            if (!Take(ref field, ref unpacked) || !Take(ref field, ref stored) || !Take(ref field, ref header)) break;
            return;
        }
        throw Bad($"the ZIP64 sizes of member '{name}' are missing or negative.", at);

        static bool Take(ref ReadOnlySpan<byte> field, ref long value)
        {
            if (value != uint.MaxValue) return true;
            if (field.Length < 8) return false;
            value = I64(field, 0);
            field = field[8..];
            return value >= 0;
        }
    }

    /// <summary>Where a member's bytes begin, from its own header, which must agree with the directory.</summary>
    private long DataOffset(long header, ReadOnlySpan<byte> expectedName, string name, ushort method)
    {
        var local = _file.Slice(header, LocalBytes);
        if (U32(local, 0) != LocalSignature) throw Bad($"the member '{name}' has no header there.", header);
        int nameBytes = U16(local, 26), extraBytes = U16(local, 28);
        if (nameBytes > _file.Length - header - LocalBytes
            || !_file.Slice(header + LocalBytes, nameBytes).SequenceEqual(expectedName))
        {
            throw Bad($"the member '{name}' has another name in its own header.", header);
        }
        if (U16(local, 8) != method) throw Bad($"the member '{name}' has another method in its own header.", header);
        return header + LocalBytes + nameBytes + extraBytes;
    }

    private void RequireNoOverlap(long directory)
    {
        long position = 0;
        foreach (var entry in _byName.Values.OrderBy(entry => entry.HeaderOffset))
        {
            if (entry.HeaderOffset < position)
                throw Bad($"the member '{entry.Name}' overlaps the one before it.", entry.HeaderOffset);
            position = entry.DataOffset + entry.StoredBytes;
        }
        if (position > directory) throw Bad("the last member overlaps the directory.", position);
    }

    private string Name(ReadOnlySpan<byte> bytes, long at)
    {
        try
        {
            return StrictUtf8.Encoding.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidFileException(_file.Path, "a member's name is not UTF-8.", offset: at, inner: error);
        }
    }

    private InvalidFileException Bad(string problem, long at) => new(_file.Path, problem, offset: at);

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
