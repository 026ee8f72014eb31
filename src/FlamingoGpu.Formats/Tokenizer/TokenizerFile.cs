using FlamingoGpu.Core;
using FlamingoGpu.Formats.Json;

namespace FlamingoGpu.Formats.Tokenizer;

/// <summary>
/// What a tokenizer's files say, checked, without any behaviour: the vocabulary, the merges and the steps before and
/// after. Read from a <c>tokenizer.json</c> (the format of Hugging Face tokenizers, BPE models only) or from GPT-2's
/// <c>vocab.json</c> and <c>merges.txt</c>. Whatever is not supported is refused by its name, never skipped, because a
/// skipped step gives other ids without a word. The keys <c>truncation</c> and <c>padding</c> are ignored: they do not
/// belong to text.
/// </summary>
/// <param name="Location">The file or folder as the user named it, for messages.</param>
/// <param name="Model">Vocabulary and merges.</param>
/// <param name="AddedTokens">Tokens matched as literals; ids and contents are unique.</param>
/// <param name="Normalizer">Steps on the text, in order.</param>
/// <param name="PreTokenizer">Steps that cut the text, in order.</param>
/// <param name="Decoder">Steps back from tokens to text, in order.</param>
/// <param name="PrefixIds">Ids that stand before every text, such as LLaMA's <c>&lt;s&gt;</c>.</param>
/// <param name="SuffixIds">Ids that stand after every text.</param>
public sealed record TokenizerFile(
    string Location,
    BpeModelData Model,
    IReadOnlyList<AddedToken> AddedTokens,
    IReadOnlyList<NormalizerStep> Normalizer,
    IReadOnlyList<PreTokenizerStep> PreTokenizer,
    IReadOnlyList<DecoderStep> Decoder,
    IReadOnlyList<int> PrefixIds,
    IReadOnlyList<int> SuffixIds)
{
    /// <summary>Longest tokenizer file that is read. The largest published ones take a quarter of it.</summary>
    public const int MaximumBytes = 128 << 20;

    /// <summary>Largest token id. Published vocabularies end below a 32nd of it.</summary>
    public const int MaximumId = (1 << 24) - 1;

    /// <summary>Longest added token, in UTF-16 units.</summary>
    public const int MaximumAddedTokenLength = 1024;

    /// <summary>Most text that all added tokens together may have, in UTF-16 units.</summary>
    public const int MaximumAddedTokensLength = 1 << 20;

    /// <summary>Most steps of a normaliser, pre-tokeniser or decoder.</summary>
    public const int MaximumSteps = 64;

    /// <summary>
    /// How many times longer the replacements of a normaliser or decoder may make a text: a file with a few dozen steps
    /// that each double it must not be able to fill the memory.
    /// </summary>
    public const int MaximumGrowth = 64;

    /// <summary>True when the model's tokens are spelt in the <see cref="ByteAlphabet"/>.</summary>
    public bool IsByteLevel => PreTokenizer.Any(step => step is PreTokenizerStep.ByteLevel);

    /// <summary>
    /// Reads a tokenizer from a file or a folder. In a folder, <c>tokenizer.json</c> comes first, then
    /// <c>vocab.json</c> with <c>merges.txt</c>.
    /// </summary>
    /// <param name="path">
    /// A <c>tokenizer.json</c>, a <c>vocab.json</c> beside its <c>merges.txt</c>, or their folder.
    /// </param>
    /// <exception cref="InvalidFileException">Nothing of the kind there, or it is damaged or not supported.</exception>
    public static TokenizerFile Load(string path)
    {
        if (!Directory.Exists(path))
        {
            return Path.GetFileName(path) == "vocab.json"
                ? Gpt2FilesReader.Read(Path.GetDirectoryName(Path.GetFullPath(path))!)
                : TokenizerJsonReader.Read(JsonPart.Load(path, MaximumBytes));
        }

        var json = Path.Combine(path, "tokenizer.json");
        if (File.Exists(json)) return TokenizerJsonReader.Read(JsonPart.Load(json, MaximumBytes));
        if (File.Exists(Path.Combine(path, "vocab.json"))) return Gpt2FilesReader.Read(path);
        throw new InvalidFileException(
            path, "no tokenizer here: expected tokenizer.json, or vocab.json with merges.txt. "
            + "A sentencepiece tokenizer.model must be converted to tokenizer.json first.");
    }

    /// <summary>
    /// The same tokenizer with special tokens behind its last id, in order, as OpenFlamingo adds its own to a language
    /// model's. One that is there already keeps its id.
    /// </summary>
    /// <param name="contents">Literals, such as <c>&lt;image&gt;</c>.</param>
    public TokenizerFile WithSpecialTokens(IEnumerable<string> contents)
    {
        var tokens = AddedTokens.ToList();
        var next = 1 + Model.Vocabulary.Values.Concat(tokens.Select(token => token.Id)).Max();
        foreach (var content in contents)
        {
            if (tokens.Exists(token => token.Content == content)) continue;
            var id = Model.Vocabulary.TryGetValue(content, out var known) ? known : next++;
            tokens.Add(new AddedToken(id, content, false, false, false, Normalized: false, Special: true));
        }

        return this with { AddedTokens = tokens };
    }

    /// <summary>Reads the bytes of a <c>tokenizer.json</c>.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <param name="file">The name for messages.</param>
    /// <exception cref="InvalidFileException">Damaged or not supported.</exception>
    public static TokenizerFile Parse(ReadOnlySpan<byte> utf8, string file) =>
        TokenizerJsonReader.Read(JsonPart.Parse(utf8, file));
}
