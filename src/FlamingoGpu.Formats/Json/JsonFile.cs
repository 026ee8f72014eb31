using System.Text.Json;
using System.Text.Unicode;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Reads a small JSON file whole, strictly: size limit, no duplicate keys, no comments, bounded depth.
/// </summary>
internal static class JsonFile
{
    /// <summary>Limit for configuration and index files; real ones take kilobytes.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>Deepest nesting of arrays and objects that is accepted.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads the file's bytes after checking its size.</summary>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxBytes)
                throw new InvalidFileException(path, $"has {stream.Length} bytes; at most {MaxBytes} are accepted.");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (
            error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidFileException(path, $"cannot be read: {error.Message}", inner: error);
        }
    }

    /// <summary>Parses one JSON object; the caller disposes the document.</summary>
    public static JsonDocument ParseObject(string path, ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span)) throw new InvalidFileException(path, "not UTF-8 text; JSON files must be.");
        JsonDocument document;
        try
        {
            RequireUniqueKeys(path, utf8.Span);
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(
                path, $"not the JSON expected here: {error.Message}", offset: OffsetOf(error, utf8.Span), inner: error);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        var kind = document.RootElement.ValueKind;
        document.Dispose();
        throw new InvalidFileException(
            path, $"expected a JSON object {{...}}, the file holds {Describe(kind)}.", offset: 0);
    }

    /// <summary>Walks the text once; equal keys are found in whatever way they are escaped.</summary>
    private static void RequireUniqueKeys(string path, ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var keysByDepth = new HashSet<string>?[MaxDepth + 1];
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject) keysByDepth[reader.CurrentDepth + 1] = null;
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            string key;
            try
            {
                key = reader.GetString()!;
            }
            catch (InvalidOperationException error)
            {
                throw new InvalidFileException(
                    path, "a key is not valid Unicode.", offset: reader.TokenStartIndex, inner: error);
            }
            var keys = keysByDepth[reader.CurrentDepth] ??= new HashSet<string>(StringComparer.Ordinal);
            if (keys.Add(key)) continue;
            throw new InvalidFileException(path, $"the key '{key}' is given twice.", offset: reader.TokenStartIndex);
        }
    }

    /// <summary>The text of a JSON string; broken Unicode is an error of the file.</summary>
    public static string Text(string path, JsonElement element, string keyPath)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidFileException(path, $"key '{keyPath}': the text is not valid Unicode.", inner: error);
        }
    }

    /// <summary>Words for a kind of value, for messages.</summary>
    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };

    /// <summary>Byte offset of a parse error; the exception knows only line and column.</summary>
    public static long? OffsetOf(JsonException error, ReadOnlySpan<byte> utf8)
    {
        if (error.LineNumber is not { } line || error.BytePositionInLine is not { } column) return null;
        long offset = 0;
        for (; line > 0; line--)
        {
            var end = utf8[(int)offset..].IndexOf((byte)'\n');
            if (end < 0) break;
            offset += end + 1;
        }
        return Math.Min(offset + column, utf8.Length);
    }
}
