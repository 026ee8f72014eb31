using System.Globalization;
using System.Text;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Models;

/// <summary>
/// <c>flamingo.json</c>: names the parts of a model folder and states the options that no tensor shows. Documented in
/// docs/model-folder.md. A merged folder states every option; a folder of published parts states none or a few.
/// </summary>
public sealed class ModelManifest
{
    private const string Format = "flamingo-model/1";
    private readonly JsonConfig _json;

    private ModelManifest(JsonConfig json, IReadOnlyList<(string Key, string Value)> options)
    {
        _json = json;
        Options = options;
    }

    /// <summary>Path of the file.</summary>
    public string Path => _json.Path;

    /// <summary>Name for people.</summary>
    public string Name => _json.String("name", "");

    /// <summary>Where the weights come from, for people: "random weights", a paper, a training run.</summary>
    public string? Note => _json.OptionalString("note");

    /// <summary>Options it states, under the names of <see cref="FlamingoConfigKeys"/>.</summary>
    public IReadOnlyList<(string Key, string Value)> Options { get; }

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="InvalidFileException">Not a manifest, of an unknown version, or with an unknown option.</exception>
    public static ModelManifest Read(string path)
    {
        var json = JsonConfig.Load(path);
        if (json.String("format") != Format)
            throw new InvalidFileException(path, $"'format' is '{json.String("format")}'; this version reads '{Format}'.");
        if (json.String("family", "openflamingo") != "openflamingo")
            throw new InvalidFileException(path, $"'family' is '{json.String("family")}'; this version runs 'openflamingo'.");
        var options = new List<(string, string)>();
        if (json.OptionalObject("options") is { } groups)
        {
            foreach (var group in groups.Keys)
            {
                foreach (var key in groups.Object(group).Keys)
                    options.Add(ReadOption(path, groups.Object(group), $"{group}.{key}", key));
            }
        }

        return new ModelManifest(json, options);
    }

    /// <summary>The parts it names, within <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidFileException">A named part does not exist or leaves the folder.</exception>
    public ModelFiles Files(string folder)
    {
        var parts = _json.Object("parts");
        return new ModelFiles
        {
            Vision = Part(folder, parts, "vision"),
            Language = Part(folder, parts, "lm"),
            Checkpoint = Part(folder, parts, "checkpoint"),
            Tokenizer = parts.Has("tokenizer") ? Part(folder, parts, "tokenizer") : null,
            Manifest = this,
        };
    }

    /// <summary>The text of a manifest that states every option.</summary>
    /// <param name="config">The options.</param>
    /// <param name="vision">Relative path of the vision part.</param>
    /// <param name="language">Relative path of the language part.</param>
    /// <param name="checkpoint">Relative path of the checkpoint.</param>
    /// <param name="tokenizer">Relative path of the tokenizer, or null.</param>
    /// <param name="note">A word on where the weights come from, or null.</param>
    public static string Write(
        FlamingoConfig config, string vision, string language, string checkpoint, string? tokenizer, string? note)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("family", "openflamingo");
            json.WriteString("name", config.Name);
            if (note is not null) json.WriteString("note", note);
            json.WriteStartObject("parts");
            json.WriteString("vision", vision);
            json.WriteString("lm", language);
            json.WriteString("checkpoint", checkpoint);
            if (tokenizer is not null) json.WriteString("tokenizer", tokenizer);
            json.WriteEndObject();
            WriteOptions(json, config);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteOptions(Utf8JsonWriter json, FlamingoConfig config)
    {
        json.WriteStartObject("options");
        foreach (var group in FlamingoConfigKeys.All.GroupBy(key => key.Name[..key.Name.IndexOf('.', StringComparison.Ordinal)]))
        {
            json.WriteStartObject(group.Key);
            foreach (var key in group)
            {
                json.WritePropertyName(key.Name[(group.Key.Length + 1)..]);
                switch (key.Get(config))
                {
                    case int number: json.WriteNumberValue(number); break;
                    case double number: json.WriteNumberValue(number); break;
                    case bool flag: json.WriteBooleanValue(flag); break;
                    case var text: json.WriteStringValue((string)text); break;
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static (string Key, string Value) ReadOption(string path, JsonConfig group, string name, string key)
    {
        var option = FlamingoConfigKeys.All.FirstOrDefault(known => known.Name == name)
            ?? throw new InvalidFileException(path, $"'options.{name}' is no model option; known are {string.Join(", ", FlamingoConfigKeys.All.Select(known => known.Name))}.");
        var value = option.Get(new FlamingoConfig()) switch
        {
            int => group.Int(key).ToString(CultureInfo.InvariantCulture),
            double => group.Double(key).ToString("R", CultureInfo.InvariantCulture),
            bool => group.Bool(key) ? "true" : "false",
            _ => group.String(key),
        };
        return (name, value);
    }

    private static string Part(string folder, JsonConfig parts, string key)
    {
        var relative = parts.String(key);
        var root = System.IO.Path.GetFullPath(folder) + System.IO.Path.DirectorySeparatorChar;
        var full = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, relative));
        if (!full.StartsWith(root, StringComparison.Ordinal))
            throw new InvalidFileException(parts.Path, $"'parts.{key}' is '{relative}', which leaves the model's folder; parts stand inside it.");
        return ModelFiles.Existing(folder, relative)
            ?? throw new InvalidFileException(parts.Path, $"'parts.{key}' is '{relative}', which does not exist in {folder}.");
    }
}
