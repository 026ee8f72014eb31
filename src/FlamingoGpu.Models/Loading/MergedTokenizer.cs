using System.Text.Encodings.Web;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Models;

/// <summary>
/// The tokenizer files of a merged folder: those of the language model, with Flamingo's tokens entered into a
/// <c>tokenizer.json</c>. GPT-2 style files are copied; the loader appends the tokens to them.
/// </summary>
internal static class MergedTokenizer
{
    private static readonly string[] Gpt2Files =
        ["vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json", "tokenizer_config.json"];

    /// <summary>
    /// Names and bytes; the first is the one a manifest names. Empty for a model without a tokenizer.
    /// </summary>
    /// <param name="files">Where the tokenizer is.</param>
    /// <param name="tokenizer">The tokenizer as loaded, Flamingo's tokens included; null for none.</param>
    /// <exception cref="InvalidFileException">A file cannot be read.</exception>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Make(ModelFiles files, BpeTokenizer? tokenizer)
    {
        if (tokenizer is null) return [];
        var own = files.Tokenizer ?? (Directory.Exists(files.Language) ? files.Language : Path.GetDirectoryName(Path.GetFullPath(files.Language))!);
        var folder = Directory.Exists(own) ? own : Path.GetDirectoryName(Path.GetFullPath(own))!;
        var json = Directory.Exists(own) ? Path.Combine(own, "tokenizer.json") : own;
        try
        {
            if (File.Exists(json) && Path.GetFileName(json) != "vocab.json")
                return [("tokenizer.json", WithFlamingoTokens(json, File.ReadAllBytes(json), tokenizer))];
            return [.. Gpt2Files.Select(name => (Name: name, Path: Path.Combine(folder, name))).Where(file => File.Exists(file.Path))
                .Select(file => (file.Name, File.ReadAllBytes(file.Path)))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new InvalidFileException(json, $"cannot be copied: {error.Message}", inner: error);
        }
    }

    private static byte[] WithFlamingoTokens(string path, byte[] file, BpeTokenizer tokenizer)
    {
        var plain = new BpeTokenizer(TokenizerFile.Parse(file, path));
        var missing = new[] { SpecialTokens.EndOfChunkText, Prompt.ImageMarker, SpecialTokens.PadText }
            .Where(content => plain.IdOf(content) is null).ToList();
        if (missing.Count == 0) return file;
        using var document = JsonDocument.Parse(file.AsMemory(file.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }))
        {
            json.WriteStartObject();
            json.WriteStartArray("added_tokens");
            if (document.RootElement.TryGetProperty("added_tokens", out var old) && old.ValueKind == JsonValueKind.Array)
            {
                foreach (var token in old.EnumerateArray()) token.WriteTo(json);
            }

            foreach (var content in missing) WriteToken(json, tokenizer.IdOf(content)!.Value, content);
            json.WriteEndArray();
            foreach (var property in document.RootElement.EnumerateObject().Where(property => property.Name != "added_tokens")) property.WriteTo(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteToken(Utf8JsonWriter json, int id, string content)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("content", content);
        foreach (var flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"]) json.WriteBoolean(flag, false);
        json.WriteBoolean("special", true);
        json.WriteEndObject();
    }
}
