using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats.Json;

/// <summary>
/// One value inside a JSON file, together with the file's name and the value's path, so that whatever is wrong with it
/// is reported as "file: model.merges[3]: expected a string, found a number". Every failure of reading is an
/// <see cref="InvalidFileException"/>, also for text that is no valid JSON, repeats a key, or holds broken characters.
/// </summary>
public readonly struct JsonPart
{
    private readonly JsonElement _element;

    private JsonPart(JsonElement element, string file, string path)
    {
        _element = element;
        File = file;
        Path = path;
    }

    /// <summary>The file as the user named it.</summary>
    public string File { get; }

    /// <summary>Where the value stands, such as <c>added_tokens[3].content</c>; empty for the whole document.</summary>
    public string Path { get; }

    /// <summary>The kind of the value.</summary>
    public JsonValueKind Kind => _element.ValueKind;

    /// <summary>True for the literal <c>null</c>.</summary>
    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    /// <summary>Reads a file of at most <paramref name="maximumBytes"/> bytes.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="maximumBytes">A longer file is refused before it is read.</param>
    /// <exception cref="InvalidFileException">The file cannot be read, is too long or is not valid JSON.</exception>
    public static JsonPart Load(string file, int maximumBytes)
    {
        byte[] bytes;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > maximumBytes)
            {
                throw new InvalidFileException(
                    file, $"{stream.Length:N0} bytes, but files of this kind are read up to {maximumBytes:N0} bytes.");
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException
            or ArgumentException)
        {
            throw new InvalidFileException(file, $"cannot be read: {error.Message}", inner: error);
        }

        return Parse(bytes, file);
    }

    /// <summary>Reads a document from UTF-8 bytes; a byte order mark at the start is skipped.</summary>
    /// <param name="utf8">The document. It is copied.</param>
    /// <param name="file">The name for error messages.</param>
    /// <exception cref="InvalidFileException">Not valid JSON, nested deeper than 64, or a repeated key.</exception>
    public static JsonPart Parse(ReadOnlySpan<byte> utf8, string file)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 64 };
            return new JsonPart(JsonElement.Parse(utf8, options), file, "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidFileException(file, $"not valid JSON: {error.Message}", inner: error);
        }
    }

    /// <summary>The error that says what is wrong with this value.</summary>
    /// <param name="problem">What was expected, what was found, what to do.</param>
    public InvalidFileException Error(string problem) => new(File, Path.Length == 0 ? problem : $"{Path}: {problem}");

    /// <summary>The member called <paramref name="key"/>.</summary>
    /// <exception cref="InvalidFileException">This is no object, or it has no such member.</exception>
    public JsonPart Required(string key) =>
        Optional(key) ?? throw Error($"the key \"{key}\" is missing.");

    /// <summary>The member called <paramref name="key"/>; null when it is missing or the literal <c>null</c>.</summary>
    /// <exception cref="InvalidFileException">This is no object.</exception>
    public JsonPart? Optional(string key)
    {
        Expect(JsonValueKind.Object, "an object");
        return _element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonPart(value, File, Path.Length == 0 ? key : $"{Path}.{key}")
            : null;
    }

    /// <summary>The text of a string.</summary>
    /// <exception cref="InvalidFileException">No string, or one with half a surrogate pair or broken UTF-8.</exception>
    public string Text()
    {
        Expect(JsonValueKind.String, "a string");
        try
        {
            return _element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw Error($"a string that is no valid Unicode text: {error.Message}");
        }
    }

    /// <summary>A whole number that is not negative, such as a token id or a count.</summary>
    /// <param name="maximum">The largest value allowed.</param>
    /// <exception cref="InvalidFileException">Anything else.</exception>
    public int Count(int maximum = int.MaxValue) =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt32(out var value) && value >= 0
            && value <= maximum
            ? value
            : throw Error($"expected a whole number from 0 to {maximum}, found {Describe()}.");

    /// <summary>A finite number.</summary>
    /// <exception cref="InvalidFileException">Anything else.</exception>
    public double Number() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Error($"expected a number, found {Describe()}.");

    /// <summary>True or false.</summary>
    /// <exception cref="InvalidFileException">Anything else.</exception>
    public bool Flag() => _element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error($"expected true or false, found {Describe()}."),
    };

    /// <summary>The elements of an array, in order.</summary>
    /// <exception cref="InvalidFileException">This is no array.</exception>
    public IEnumerable<JsonPart> Elements()
    {
        Expect(JsonValueKind.Array, "an array");
        return Walk(this);

        static IEnumerable<JsonPart> Walk(JsonPart array)
        {
            var index = 0;
            foreach (var element in array._element.EnumerateArray())
                yield return new JsonPart(element, array.File, $"{array.Path}[{index++}]");
        }
    }

    /// <summary>The members of an object, in the order of the file.</summary>
    /// <exception cref="InvalidFileException">This is no object, or a key is no valid Unicode text.</exception>
    public IEnumerable<(string Key, JsonPart Value)> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        return Walk(this);

        static IEnumerable<(string Key, JsonPart Value)> Walk(JsonPart owner)
        {
            foreach (var property in owner._element.EnumerateObject())
            {
                string key;
                try
                {
                    key = property.Name;
                }
                catch (InvalidOperationException error)
                {
                    throw owner.Error($"a key that is no valid Unicode text: {error.Message}");
                }

                var path = owner.Path.Length == 0 ? key : $"{owner.Path}.{key}";
                yield return (key, new JsonPart(property.Value, owner.File, path));
            }
        }
    }

    /// <summary>Refuses members that are not in the list: a misspelt key must not be ignored.</summary>
    /// <exception cref="InvalidFileException">Names the first unknown key and the known ones.</exception>
    public void AllowOnly(params ReadOnlySpan<string> keys)
    {
        Expect(JsonValueKind.Object, "an object");
        foreach (var (key, _) in Members().ToArray())
        {
            if (!keys.Contains(key))
                throw Error($"unknown key \"{key}\"; known here: {string.Join(", ", keys.ToArray())}.");
        }
    }

    private void Expect(JsonValueKind kind, string name)
    {
        if (_element.ValueKind != kind) throw Error($"expected {name}, found {Describe()}.");
    }

    private string Describe() => _element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {Shorten(_element.GetRawText())}",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
