using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// A JSON object from a configuration file (<c>config.json</c>, <c>open_clip_config.json</c>) behind typed getters. A
/// key that is missing or of another type is an error naming the file, the key with its path, and what was expected.
/// </summary>
/// <remarks>
/// A key whose value is <c>null</c> counts as absent, as the Python libraries that write these files mean it. Numbers
/// are never read from strings, nor integers from fractions. Remembers which keys were asked for; for that reason one
/// instance is for one thread at a time.
/// </remarks>
public sealed class JsonConfig
{
    private readonly JsonElement _object;
    private readonly string _prefix;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonConfig> _children = new(StringComparer.Ordinal);

    private JsonConfig(string path, JsonElement element, string prefix)
    {
        Path = path;
        _object = element;
        _prefix = prefix;
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>Keys of this object in the order of the file, those with value <c>null</c> included.</summary>
    public IEnumerable<string> Keys => _object.EnumerateObject().Select(property => property.Name);

    /// <summary>
    /// Keys nobody asked for so far, as full paths such as <c>vision_cfg.patch_dropout</c>, including those of nested
    /// objects that were opened. What a loader did not look at cannot have had its effect.
    /// </summary>
    public IEnumerable<string> UnreadKeys =>
        Keys.Where(key => !_read.Contains(key)).Select(key => _prefix + key)
            .Concat(_children.Values.SelectMany(child => child.UnreadKeys));

    /// <summary>Reads and checks a file of at most 16 MiB.</summary>
    /// <exception cref="InvalidFileException">
    /// Unreadable, too large, not a JSON object, nested deeper than 64, or a key occurs twice.
    /// </exception>
    public static JsonConfig Load(string path) => Parse(path, JsonFile.ReadBytes(path));

    /// <summary>Checks JSON text that is already in memory.</summary>
    /// <param name="path">The name that messages use.</param>
    /// <param name="utf8">The text; it is copied.</param>
    /// <exception cref="InvalidFileException">
    /// Not a JSON object, nested deeper than 64, or a key occurs twice.
    /// </exception>
    public static JsonConfig Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonFile.ParseObject(path, utf8);
        return new JsonConfig(path, document.RootElement.Clone(), "");
    }

    /// <summary>True when the key is there and not <c>null</c>.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>A required integer of 32 bits.</summary>
    /// <exception cref="InvalidFileException">Missing or not such an integer.</exception>
    public int Int(string key) => ToInt(key, Require(key, "an integer"));

    /// <summary>An integer of 32 bits, or <paramref name="defaultValue"/> when absent.</summary>
    /// <exception cref="InvalidFileException">Present but not such an integer.</exception>
    public int Int(string key, int defaultValue) => Find(key) is { } value ? ToInt(key, value) : defaultValue;

    /// <summary>A required finite number.</summary>
    /// <exception cref="InvalidFileException">Missing or not a finite number.</exception>
    public double Double(string key) => ToDouble(key, Require(key, "a number"));

    /// <summary>A finite number, or <paramref name="defaultValue"/> when absent.</summary>
    /// <exception cref="InvalidFileException">Present but not a finite number.</exception>
    public double Double(string key, double defaultValue) =>
        Find(key) is { } value ? ToDouble(key, value) : defaultValue;

    /// <summary>A required boolean.</summary>
    /// <exception cref="InvalidFileException">Missing or not a boolean.</exception>
    public bool Bool(string key) => ToBool(key, Require(key, "true or false"));

    /// <summary>A boolean, or <paramref name="defaultValue"/> when absent.</summary>
    /// <exception cref="InvalidFileException">Present but not a boolean.</exception>
    public bool Bool(string key, bool defaultValue) => Find(key) is { } value ? ToBool(key, value) : defaultValue;

    /// <summary>A required string.</summary>
    /// <exception cref="InvalidFileException">Missing or not a string.</exception>
    public string String(string key) => ToText(key, Require(key, "a string"));

    /// <summary>A string, or <paramref name="defaultValue"/> when absent.</summary>
    /// <exception cref="InvalidFileException">Present but not a string.</exception>
    public string String(string key, string defaultValue) => Find(key) is { } value ? ToText(key, value) : defaultValue;

    /// <summary>A string, or null when absent.</summary>
    /// <exception cref="InvalidFileException">Present but not a string.</exception>
    public string? OptionalString(string key) => Find(key) is { } value ? ToText(key, value) : null;

    /// <summary>A required nested object; the same instance every time.</summary>
    /// <exception cref="InvalidFileException">Missing or not an object.</exception>
    public JsonConfig Object(string key) => ToObject(key, Require(key, "an object"));

    /// <summary>A nested object, or null when absent; the same instance every time.</summary>
    /// <exception cref="InvalidFileException">Present but not an object.</exception>
    public JsonConfig? OptionalObject(string key) => Find(key) is { } value ? ToObject(key, value) : null;

    /// <summary>An integer that stands for both, or an array <c>[height, width]</c>.</summary>
    /// <exception cref="InvalidFileException">Missing, or neither an integer nor two of them.</exception>
    public (int Height, int Width) IntOrPair(string key)
    {
        const string Expected = "an integer or an array [height, width]";
        var value = Require(key, Expected);
        if (value.ValueKind != JsonValueKind.Array)
        {
            if (value.ValueKind != JsonValueKind.Number) throw Wrong(key, Expected, value);
            var both = ToInt(key, value);
            return (both, both);
        }
        if (value.GetArrayLength() != 2) throw Wrong(key, Expected, value);
        return (ToInt($"{key}[0]", value[0]), ToInt($"{key}[1]", value[1]));
    }

    /// <summary>A required array of integers of 32 bits; may be empty.</summary>
    /// <exception cref="InvalidFileException">Missing, not an array, or an element is not such an integer.</exception>
    public IReadOnlyList<int> Ints(string key) => ToArray(key, "an array of integers", ToInt);

    /// <summary>A required array of finite numbers; may be empty.</summary>
    /// <exception cref="InvalidFileException">Missing, not an array, or an element is not a finite number.</exception>
    public IReadOnlyList<double> Doubles(string key) => ToArray(key, "an array of numbers", ToDouble);

    /// <summary>A required array of strings; may be empty.</summary>
    /// <exception cref="InvalidFileException">Missing, not an array, or an element is not a string.</exception>
    public IReadOnlyList<string> Strings(string key) => ToArray(key, "an array of strings", ToText);

    private JsonElement? Find(string key)
    {
        _read.Add(key);
        return _object.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private JsonElement Require(string key, string expected) => Find(key)
        ?? throw new InvalidFileException(Path, $"key '{_prefix}{key}' is missing; expected {expected}.");

    private int ToInt(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Wrong(key, "an integer of 32 bits", value);

    private double ToDouble(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(key, "a finite number", value);

    private bool ToBool(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, "true or false", value),
    };

    private string ToText(string key, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? JsonFile.Text(Path, value, _prefix + key)
        : throw Wrong(key, "a string", value);

    private JsonConfig ToObject(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(key, "an object", value);
        if (!_children.TryGetValue(key, out var child))
            _children[key] = child = new JsonConfig(Path, value, $"{_prefix}{key}.");
        return child;
    }

    private T[] ToArray<T>(string key, string expected, Func<string, JsonElement, T> convert)
    {
        var value = Require(key, expected);
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(key, expected, value);
        return [.. value.EnumerateArray().Select((element, index) => convert($"{key}[{index}]", element))];
    }

    private InvalidFileException Wrong(string key, string expected, JsonElement value)
    {
        var found = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? JsonFile.Describe(value.ValueKind)
            : Shorten(value.GetRawText());
        return new InvalidFileException(Path, $"key '{_prefix}{key}': expected {expected}, found {found}.");
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "...");
}
