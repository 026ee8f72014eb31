using System.Globalization;
using System.Text;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>
/// Reads the older layout of GPT-2 and OPT: <c>vocab.json</c> and <c>merges.txt</c>, and where they exist
/// <c>added_tokens.json</c>, <c>special_tokens_map.json</c> and <c>tokenizer_config.json</c>. A later file overrides
/// the flags an earlier one gave to the same token.
/// </summary>
internal static class Gpt2FilesReader
{
    private const string EndOfText = "<|endoftext|>";

    public static TokenizerFile Read(string folder)
    {
        var vocabularyPart = JsonPart.Load(Path.Combine(folder, "vocab.json"), TokenizerFile.MaximumBytes);
        var vocabulary = BpeModelReader.ReadVocabulary(vocabularyPart);
        var merges = ReadMerges(Path.Combine(folder, "merges.txt"), vocabulary);
        var config = LoadOptional(folder, "tokenizer_config.json");
        var specials = LoadOptional(folder, "special_tokens_map.json");

        var added = ReadAddedTokens(folder, config, specials, vocabularyPart, vocabulary);
        var model = new BpeModelData(vocabulary, merges);
        BpeModelReader.CheckBytes(vocabularyPart, model);
        var prefixSpace = config?.Optional("add_prefix_space")?.Flag() ?? false;
        return new TokenizerFile(
            folder, model, added, [], [new PreTokenizerStep.ByteLevel(prefixSpace, CutByPattern: true)],
            [new DecoderStep.ByteLevel()], ReadPrefix(config, specials, vocabulary, added), []);
    }

    private static JsonPart? LoadOptional(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? JsonPart.Load(path, TokenizerFile.MaximumBytes) : null;
    }

    private static List<BpeMerge> ReadMerges(string path, Dictionary<string, int> vocabulary)
    {
        string text;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > TokenizerFile.MaximumBytes } file)
                throw new InvalidFileException(path, $"{file.Length:N0} bytes; no merges file is that long.");
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new InvalidFileException(path, $"cannot be read as UTF-8 text: {error.Message}", inner: error);
        }

        var merges = new List<BpeMerge>();
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text[range].TrimEnd('\r');
            number++;
            if (line.Length == 0 || (number == 1 && BpeModelReader.IsVersionLine(line))) continue;
            var place = $"line {number}: ";
            merges.Add(BpeModelReader.MakeMerge(
                line, vocabulary, problem => new InvalidFileException(path, place + problem)));
        }

        return merges;
    }

    private static List<AddedToken> ReadAddedTokens(
        string folder, JsonPart? config, JsonPart? specials, JsonPart owner, Dictionary<string, int> vocabulary)
    {
        var tokens = new Dictionary<string, (JsonPart Where, AddedToken Token)>(StringComparer.Ordinal);
        if (LoadOptional(folder, "added_tokens.json") is { } addedFile)
        {
            foreach (var (content, id) in addedFile.Members())
            {
                var number = id.Count(TokenizerFile.MaximumId);
                tokens[content] = (id, new AddedToken(number, content, false, false, false, false, false));
            }
        }

        if (specials is { } map)
        {
            foreach (var part in SpecialParts(map)) AddSpecial(part, tokens, vocabulary);
        }

        if (config?.Optional("added_tokens_decoder") is { } decoder)
        {
            foreach (var (key, part) in decoder.Members())
            {
                if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    || id > TokenizerFile.MaximumId)
                    throw part.Error("expected a token id as the key.");
                var content = part.Required("content").Text();
                tokens[content] = (part, WithFlags(part, id, content, part.Optional("special")?.Flag() ?? false));
            }
        }

        if (vocabulary.TryGetValue(EndOfText, out var end) && !tokens.ContainsKey(EndOfText))
            tokens[EndOfText] = (owner, new AddedToken(end, EndOfText, false, false, false, false, true));

        var list = new AddedTokenList(vocabulary);
        foreach (var (where, token) in tokens.Values) list.Add(where, token);
        return list.Tokens;
    }

    /// <summary>The values of a special_tokens_map: a token, a token with flags, or a list of either.</summary>
    private static IEnumerable<JsonPart> SpecialParts(JsonPart map)
    {
        foreach (var (_, value) in map.Members())
        {
            if (value.Kind != JsonValueKind.Array)
            {
                yield return value;
                continue;
            }

            foreach (var element in value.Elements()) yield return element;
        }
    }

    private static void AddSpecial(
        JsonPart part,
        Dictionary<string, (JsonPart Where, AddedToken Token)> tokens,
        Dictionary<string, int> vocabulary)
    {
        if (part.IsNull) return;
        var content = ContentOf(part);
        if (!vocabulary.TryGetValue(content, out var id))
        {
            id = tokens.TryGetValue(content, out var known)
                ? known.Token.Id
                : throw part.Error($"the special token \"{content}\" has no id in vocab.json or added_tokens.json.");
        }

        tokens[content] = part.Kind == JsonValueKind.Object
            ? (part, WithFlags(part, id, content, special: true))
            : (part, new AddedToken(id, content, false, false, false, false, true));
    }

    private static string ContentOf(JsonPart part) =>
        part.Kind == JsonValueKind.Object ? part.Required("content").Text() : part.Text();

    private static AddedToken WithFlags(JsonPart part, int id, string content, bool special) => new(
        id,
        content,
        part.Optional("single_word")?.Flag() ?? false,
        part.Optional("lstrip")?.Flag() ?? false,
        part.Optional("rstrip")?.Flag() ?? false,
        part.Optional("normalized")?.Flag() ?? false,
        special);

    /// <summary>OPT puts its bos token in front of every text and says so in <c>add_bos_token</c>.</summary>
    private static List<int> ReadPrefix(
        JsonPart? config, JsonPart? specials, Dictionary<string, int> vocabulary, List<AddedToken> added)
    {
        if (config?.Optional("add_bos_token") is not { } flag || !flag.Flag()) return [];
        var bos = config?.Optional("bos_token") ?? specials?.Optional("bos_token");
        var content = bos is { } part ? ContentOf(part) : EndOfText;
        if (vocabulary.TryGetValue(content, out var id)) return [id];
        return added.Find(token => token.Content == content) is { } token
            ? [token.Id]
            : throw flag.Error($"the bos token \"{content}\" has no id.");
    }
}
