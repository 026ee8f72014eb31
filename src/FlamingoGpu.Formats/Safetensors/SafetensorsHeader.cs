using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Reads and checks the header of a safetensors file: 8 bytes of little-endian length, then a JSON object from tensor
/// name to dtype, shape and offsets relative to the header's end. The data must be tiled by the tensors without
/// overlap or hole up to the last byte of the file, so that no byte has two meanings or none.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes before the JSON text.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Longest header accepted; the reference implementation has the same limit.</summary>
    public const long MaxBytes = 100_000_000;

    /// <summary>Name of the one member that is not a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private const int MaxRank = 64;

    /// <summary>All tensors in the order of their data, and the metadata (empty if there is none).</summary>
    public static (List<TensorEntry> Entries, Dictionary<string, string> Metadata) Read(MappedFile file)
    {
        var headerBytes = CheckedLength(file);
        var json = file.Slice(PrefixBytes, (int)headerBytes);
        if (json[0] != (byte)'{')
            throw new InvalidFileException(file.Path, "the header must begin with '{'.", offset: PrefixBytes);
        if (!Utf8.IsValid(json))
            throw new InvalidFileException(file.Path, "the header is not UTF-8 text.", offset: PrefixBytes);

        var entries = new List<TensorEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            ReadMembers(file, json, entries, metadata);
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(file.Path, $"the header is not valid JSON: {error.Message}",
                offset: PrefixBytes + JsonFile.OffsetOf(error, json), inner: error);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidFileException(
                file.Path, "the header holds text that is not valid Unicode.", offset: PrefixBytes, inner: error);
        }
        RequireTiling(file, PrefixBytes + headerBytes, entries);
        return (entries, metadata);
    }

    private static long CheckedLength(MappedFile file)
    {
        if (file.Length < PrefixBytes)
        {
            throw new InvalidFileException(file.Path,
                $"has {file.Length} bytes; a safetensors file begins with the 8 bytes of its header's length.",
                offset: 0);
        }
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, PrefixBytes));
        if (length > MaxBytes)
        {
            throw new InvalidFileException(
                file.Path, $"the header claims {length} bytes; at most {MaxBytes} are accepted.", offset: 0);
        }
        if (length > (ulong)(file.Length - PrefixBytes))
        {
            throw new InvalidFileException(file.Path,
                $"the header claims {length} bytes, but only {file.Length - PrefixBytes} follow; the file is cut off.",
                offset: 0);
        }
        if (length < 2)
        {
            throw new InvalidFileException(
                file.Path, $"the header claims {length} bytes; the shortest is '{{}}'.", offset: 0);
        }
        return (long)length;
    }

    private static void ReadMembers(
        MappedFile file, ReadOnlySpan<byte> json, List<TensorEntry> entries, Dictionary<string, string> metadata)
    {
        var reader = new Utf8JsonReader(json);
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Read(); // The opening brace: the first byte was checked.
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var at = PrefixBytes + reader.TokenStartIndex;
            var name = reader.GetString()!;
            if (!names.Add(name)) throw new InvalidFileException(file.Path, "the header names it twice.", name, at);
            reader.Read();
            if (name == MetadataKey) ReadMetadata(file, ref reader, metadata);
            else entries.Add(ReadTensor(file, ref reader, name, at, PrefixBytes + json.Length));
        }
        reader.Read(); // Only blanks may follow; anything else is reported by the reader.
    }

    private static void ReadMetadata(MappedFile file, ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidFileException(file.Path,
                $"{MetadataKey} must be an object of strings.", offset: PrefixBytes + reader.TokenStartIndex);
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            var at = PrefixBytes + reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.String)
                throw new InvalidFileException(file.Path, $"{MetadataKey} '{key}' must be a string.", offset: at);
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new InvalidFileException(file.Path, $"{MetadataKey} names '{key}' twice.", offset: at);
        }
    }

    private static TensorEntry ReadTensor(
        MappedFile file, ref Utf8JsonReader reader, string name, long at, long dataStart)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Bad(file, reader, name, "expected an object with dtype, shape and data_offsets.");

        DType? dtype = null;
        Shape? shape = null;
        (long Begin, long End)? range = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            var isRepeated = key switch
            {
                "dtype" => dtype is not null,
                "shape" => shape is not null,
                "data_offsets" => range is not null,
                _ => throw Bad(file, reader, name,
                    $"unknown key '{key}'; the format has dtype, shape and data_offsets."),
            };
            if (isRepeated) throw Bad(file, reader, name, $"'{key}' is given twice.");
            reader.Read();
            if (key == "dtype") dtype = ReadDType(file, ref reader, name);
            else if (key == "shape") shape = ReadShape(file, ref reader, name);
            else range = ReadRange(file, ref reader, name);
        }
        if (dtype is null || shape is null || range is null)
        {
            var missing = dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets";
            throw new InvalidFileException(file.Path, $"'{missing}' is missing.", name, at);
        }
        return Checked(file, name, dtype.Value, shape, range.Value, at, dataStart);
    }

    private static TensorEntry Checked(
        MappedFile file, string name, DType dtype, Shape shape, (long Begin, long End) range, long at, long dataStart)
    {
        var (begin, end) = range;
        var available = file.Length - dataStart;
        if (end < begin)
            throw new InvalidFileException(file.Path, $"data_offsets [{begin}, {end}] are reversed.", name, at);
        if (end > available)
        {
            throw new InvalidFileException(file.Path,
                $"data_offsets [{begin}, {end}] are out of range: {available} data bytes follow the header.", name, at);
        }
        if (dtype.BitSize() < 8 && (UInt128)(ulong)shape.ElementCount * (uint)dtype.BitSize() % 8 != 0)
        {
            throw new InvalidFileException(file.Path,
                $"{shape.ElementCount} elements of {SafetensorsDTypes.NameOf(dtype)} do not fill whole bytes.",
                name, at);
        }
        long expected;
        try
        {
            expected = dtype.ByteSize(shape.ElementCount);
        }
        catch (OverflowException error)
        {
            throw new InvalidFileException(file.Path, $"the size of shape {shape} overflows.", name, at, error);
        }
        if (expected != end - begin)
        {
            throw new InvalidFileException(file.Path,
                $"{SafetensorsDTypes.NameOf(dtype)} {shape} takes {expected} bytes, "
                + $"data_offsets [{begin}, {end}] span {end - begin}.", name, at);
        }
        return new TensorEntry(name, dtype, shape, file.Path, dataStart + begin, expected);
    }

    private static DType ReadDType(MappedFile file, ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String) throw Bad(file, reader, name, "dtype must be a string.");
        var text = reader.GetString()!;
        return SafetensorsDTypes.TryParse(text, out var dtype)
            ? dtype
            : throw Bad(file, reader, name, $"unknown dtype '{text}'.");
    }

    private static Shape ReadShape(MappedFile file, ref Utf8JsonReader reader, string name)
    {
        Span<long> extents = stackalloc long[MaxRank];
        var rank = 0;
        if (reader.TokenType != JsonTokenType.StartArray) throw Bad(file, reader, name, "shape must be an array.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == MaxRank) throw Bad(file, reader, name, $"the shape has more than {MaxRank} extents.");
            extents[rank++] = ReadSize(file, ref reader, name, "an extent of the shape");
        }
        try
        {
            return Shape.Create(extents[..rank]);
        }
        catch (OverflowException error)
        {
            throw new InvalidFileException(file.Path, "the product of the shape's extents overflows.",
                name, PrefixBytes + reader.TokenStartIndex, error);
        }
    }

    private static (long Begin, long End) ReadRange(MappedFile file, ref Utf8JsonReader reader, string name)
    {
        const string Expected = "data_offsets must be an array of two integers.";
        if (reader.TokenType != JsonTokenType.StartArray) throw Bad(file, reader, name, Expected);
        Span<long> range = stackalloc long[2];
        for (var i = 0; i < 2; i++)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray) throw Bad(file, reader, name, Expected);
            range[i] = ReadSize(file, ref reader, name, "a data offset");
        }
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndArray) throw Bad(file, reader, name, Expected);
        return (range[0], range[1]);
    }

    private static long ReadSize(MappedFile file, ref Utf8JsonReader reader, string name, string what) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0
            ? value
            : throw Bad(file, reader, name, $"{what} must be an integer of 63 bits that is not negative.");

    /// <summary>Sorts by position and requires that each tensor begins where the one before ended.</summary>
    private static void RequireTiling(MappedFile file, long dataStart, List<TensorEntry> entries)
    {
        entries.Sort((a, b) => (a.Offset, a.ByteLength) == (b.Offset, b.ByteLength)
            ? string.CompareOrdinal(a.Name, b.Name) // Only empty tensors can legally share a position.
            : (a.Offset, a.ByteLength).CompareTo((b.Offset, b.ByteLength)));
        var position = dataStart;
        TensorEntry? before = null;
        foreach (var entry in entries)
        {
            if (entry.Offset < position)
            {
                throw new InvalidFileException(file.Path,
                    $"its data overlaps that of '{before!.Name}', which ends at byte {position}.",
                    entry.Name, entry.Offset);
            }
            if (entry.Offset > position)
            {
                throw new InvalidFileException(file.Path,
                    $"a hole of {entry.Offset - position} bytes lies before its data.", entry.Name, entry.Offset);
            }
            position += entry.ByteLength;
            before = entry;
        }
        if (position == file.Length) return;
        throw new InvalidFileException(file.Path,
            $"{file.Length - position} bytes follow the last tensor's data; it must end at the file's end.",
            before?.Name, position);
    }

    private static InvalidFileException Bad(MappedFile file, in Utf8JsonReader reader, string name, string problem) =>
        new(file.Path, problem, name, PrefixBytes + reader.TokenStartIndex);
}
