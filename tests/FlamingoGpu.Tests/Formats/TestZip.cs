using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

/// <summary>Writes ZIP archives with any lie in them.</summary>
internal sealed class TestZip
{
    private readonly List<Member> _members = [];

    public bool UseZip64 { get; init; }

    public string Comment { get; init; } = "";

    public TestZip Add(string name, byte[] bytes, bool deflate = false, Func<Member, Member>? lie = null)
    {
        var packed = deflate ? Deflate(bytes) : bytes;
        var member = new Member(
            name, name, packed, (uint)packed.Length, (uint)bytes.Length, (ushort)(deflate ? 8 : 0), 0, Crc32.Append(0, bytes));
        _members.Add(lie is null ? member : lie(member));
        return this;
    }

    public byte[] Build(Action<byte[], int>? patchEnd = null)
    {
        var file = new MemoryStream();
        var offsets = new List<long>();
        foreach (var member in _members)
        {
            offsets.Add(member.HeaderOffset ?? file.Length);
            var name = Encoding.UTF8.GetBytes(member.LocalName);
            var local = new byte[30];
            BinaryPrimitives.WriteUInt32LittleEndian(local, 0x04034B50);
            BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(8), member.Method);
            BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(26), (ushort)name.Length);
            file.Write(local);
            file.Write(name);
            file.Write(member.Data);
        }
        var directory = file.Length;
        for (var i = 0; i < _members.Count; i++) WriteCentral(file, _members[i], offsets[i]);
        var directoryBytes = file.Length - directory;
        if (UseZip64) WriteZip64End(file, directory, directoryBytes);

        var end = (int)file.Length;
        var record = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x06054B50);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), UseZip64 ? (ushort)0xFFFF : (ushort)_members.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), UseZip64 ? (ushort)0xFFFF : (ushort)_members.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12), UseZip64 ? uint.MaxValue : (uint)directoryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), UseZip64 ? uint.MaxValue : (uint)directory);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(20), (ushort)Comment.Length);
        file.Write(record);
        file.Write(Encoding.ASCII.GetBytes(Comment));
        var bytes = file.ToArray();
        patchEnd?.Invoke(bytes, end);
        return bytes;
    }

    private void WriteCentral(MemoryStream file, Member member, long offset)
    {
        var name = Encoding.UTF8.GetBytes(member.Name);
        var extra = UseZip64 ? new byte[28] : [];
        var record = new byte[46];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x02014B50);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), member.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), member.Method);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), member.Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(20), UseZip64 ? uint.MaxValue : member.StoredBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(24), UseZip64 ? uint.MaxValue : member.ByteLength);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(28), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(30), (ushort)extra.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(42), UseZip64 ? uint.MaxValue : (uint)offset);
        if (UseZip64)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), 24);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4), member.ByteLength);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(12), member.StoredBytes);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(20), offset);
        }
        file.Write(record);
        file.Write(name);
        file.Write(extra);
    }

    private void WriteZip64End(MemoryStream file, long directory, long directoryBytes)
    {
        var at = file.Length;
        var record = new byte[76];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x06064B50);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(24), _members.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), _members.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(40), directoryBytes);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(48), directory);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(56), 0x07064B50);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(64), at);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(72), 1);
        file.Write(record);
    }

    private static byte[] Deflate(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal)) deflate.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>What the archive will say of one member; a lie changes it.</summary>
    internal sealed record Member(
        string Name, string LocalName, byte[] Data, uint StoredBytes, uint ByteLength, ushort Method, ushort Flags, uint Checksum)
    {
        public long? HeaderOffset { get; init; }
    }
}
