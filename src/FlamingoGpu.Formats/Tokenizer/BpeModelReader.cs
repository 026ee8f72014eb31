using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>Reads the vocabulary and the merges of a byte pair encoding and checks them against each other.</summary>
internal static class BpeModelReader
{
    /// <summary>The member <c>model</c> of a tokenizer.json.</summary>
    public static BpeModelData Read(JsonPart model)
    {
        if (model.Optional("type") is { } type && type.Text() != "BPE")
            throw type.Error($"the model type \"{type.Text()}\" is not supported, only BPE is.");
        if (model.Optional("dropout") is { } dropout && dropout.Number() != 0)
            throw dropout.Error("dropout is for training; set it to null.");
        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Optional(key) is { } affix && affix.Text().Length > 0)
                throw affix.Error($"{key} \"{affix.Text()}\" is not supported.");
        }

        var vocabulary = ReadVocabulary(model.Required("vocab"));
        int? unknown = null;
        if (model.Optional("unk_token") is { } unk)
        {
            unknown = vocabulary.TryGetValue(unk.Text(), out var id)
                ? id
                : throw unk.Error($"\"{unk.Text()}\" is not in model.vocab.");
        }

        return new BpeModelData(
            vocabulary,
            ReadMerges(model.Required("merges"), vocabulary),
            unknown,
            model.Optional("fuse_unk")?.Flag() ?? false,
            model.Optional("byte_fallback")?.Flag() ?? false,
            model.Optional("ignore_merges")?.Flag() ?? false);
    }

    /// <summary>An object of token text to id. Also the whole of a <c>vocab.json</c>.</summary>
    public static Dictionary<string, int> ReadVocabulary(JsonPart vocabulary)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var owners = new Dictionary<int, string>();
        foreach (var (token, value) in vocabulary.Members())
        {
            var id = value.Count(TokenizerFile.MaximumId);
            if (!owners.TryAdd(id, token))
                throw vocabulary.Error($"\"{token}\" and \"{owners[id]}\" have the same id {id}.");
            ids.Add(token, id);
        }

        return ids.Count > 0 ? ids : throw vocabulary.Error("the vocabulary is empty.");
    }

    private static List<BpeMerge> ReadMerges(JsonPart merges, Dictionary<string, int> vocabulary)
    {
        var list = new List<BpeMerge>();
        foreach (var merge in merges.Elements())
        {
            if (merge.Kind == JsonValueKind.Array)
            {
                var pair = merge.Elements().Take(3).ToArray();
                if (pair.Length != 2) throw merge.Error("expected two tokens.");
                list.Add(MakeMerge(pair[0].Text(), pair[1].Text(), vocabulary, merge.Error));
            }
            else if (merge.Text() is var text && !(list.Count == 0 && IsVersionLine(text)))
            {
                list.Add(MakeMerge(text, vocabulary, merge.Error));
            }
        }

        return list;
    }

    /// <summary>The line that a list of merges may start with.</summary>
    public static bool IsVersionLine(string text) => text.StartsWith("#version", StringComparison.Ordinal);

    /// <summary>A merge written as two tokens with one space between them.</summary>
    /// <param name="text">The merge.</param>
    /// <param name="vocabulary">Must hold both tokens and what they join to.</param>
    /// <param name="error">Makes the error for a problem, with the place the merge came from.</param>
    public static BpeMerge MakeMerge(
        string text, Dictionary<string, int> vocabulary, Func<string, InvalidFileException> error)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || space == text.Length - 1 || text.IndexOf(' ', space + 1) >= 0)
            throw error($"\"{text}\" is not two tokens with one space between them.");
        return MakeMerge(text[..space], text[(space + 1)..], vocabulary, error);
    }

    private static BpeMerge MakeMerge(
        string left, string right, Dictionary<string, int> vocabulary, Func<string, InvalidFileException> error)
    {
        return new BpeMerge(Find(left), Find(right), Find(left + right));

        int Find(string token) => vocabulary.TryGetValue(token, out var id)
            ? id
            : throw error($"the merge of \"{left}\" and \"{right}\" needs the token \"{token}\", "
                + "which is not in the vocabulary.");
    }

    /// <summary>A byte-level model must have a token for every byte, or a token for the unknown.</summary>
    public static void CheckBytes(JsonPart root, BpeModelData model)
    {
        if (model.ByteFallback) throw root.Error("model.byte_fallback: has no meaning in a byte-level model.");
        if (model.UnknownId is not null) return;
        for (var value = 0; value < 256; value++)
        {
            if (!model.Vocabulary.ContainsKey(ByteAlphabet.CharOf((byte)value).ToString()))
            {
                throw root.Error($"model.vocab: has no token for the byte 0x{value:X2} "
                    + $"(\"{ByteAlphabet.CharOf((byte)value)}\") and no unk_token; some text could not be encoded.");
            }
        }
    }
}
