using System.Text.Encodings.Web;
using System.Text.Json;
using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Models.Tiny;

/// <summary>
/// Makes the tokenizer of the shipped model: the layout of GPT-NeoX-20B with Flamingo's tokens behind it, at a tenth of
/// a percent of the size. Making it again gives the same bytes.
/// </summary>
public static class TinyTokenizer
{
    /// <summary>Ends a text; id 0, as in GPT-NeoX.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>GPT-NeoX's padding token; id 1, used by nothing.</summary>
    public const string Padding = "<|padding|>";

    /// <summary>Ids of the model's own vocabulary; the added tokens come after it.</summary>
    private const int ModelSize = 1_000;

    /// <summary>GPT-NeoX has runs of 24 down to 2 spaces.</summary>
    private const int LongestSpaceRun = 24;

    /// <summary>Writes <c>tokenizer.json</c>.</summary>
    /// <param name="path">The file to write; replaced if it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path) => File.WriteAllBytes(path, Make());

    /// <summary>The bytes of the file.</summary>
    public static byte[] Make()
    {
        var model = BpeTrainer.Train(CaptionGrammar.Corpus(), ModelSize, [EndOfText, Padding]);
        var added = AddedTokens(model.Vocabulary.Count);
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var json = new Utf8JsonWriter(stream, options)) Write(json, model, added);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static List<AddedToken> AddedTokens(int firstId)
    {
        var tokens = new List<AddedToken> { Special(0, EndOfText), Special(1, Padding) };
        for (var length = LongestSpaceRun; length >= 2; length--)
            tokens.Add(new AddedToken(firstId++, new string(' ', length), false, false, false, true, false));
        foreach (var content in SpecialTokens.OpenFlamingo) tokens.Add(Special(firstId++, content));
        return tokens;

        static AddedToken Special(int id, string content) => new(id, content, false, false, false, false, true);
    }

    private static void Write(Utf8JsonWriter json, BpeModelData model, List<AddedToken> added)
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, added);
        json.WriteStartObject("normalizer");
        json.WriteString("type", "NFC");
        json.WriteEndObject();
        foreach (var part in (string[])["pre_tokenizer", "post_processor", "decoder"]) WriteByteLevel(json, part);
        WriteModel(json, model);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, List<AddedToken> added)
    {
        json.WriteStartArray("added_tokens");
        foreach (var token in added)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.LeftStrip);
            json.WriteBoolean("rstrip", token.RightStrip);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string part)
    {
        json.WriteStartObject(part);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, BpeModelData model)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var key in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            json.WriteNull(key);
        foreach (var key in (string[])["fuse_unk", "byte_fallback", "ignore_merges"]) json.WriteBoolean(key, false);

        var tokens = model.Vocabulary.OrderBy(entry => entry.Value).Select(entry => entry.Key).ToArray();
        json.WriteStartObject("vocab");
        for (var id = 0; id < tokens.Length; id++) json.WriteNumber(tokens[id], id);
        json.WriteEndObject();

        json.WriteStartArray("merges");
        foreach (var merge in model.Merges) json.WriteStringValue($"{tokens[merge.Left]} {tokens[merge.Right]}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
