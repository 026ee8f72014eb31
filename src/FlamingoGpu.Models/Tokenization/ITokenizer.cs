using FlamingoGpu.Core;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Text to token ids and back. Implementations are safe for use from several threads at once. A user may plug in an own
/// one; the rest of the library needs nothing but these members.
/// </summary>
public interface ITokenizer
{
    /// <summary>One more than the largest id; ids below it may be unused.</summary>
    int VocabularySize { get; }

    /// <summary>
    /// Ids that stand before a whole prompt, such as LLaMA's <c>&lt;s&gt;</c>. <c>Encode</c> does not add them.
    /// </summary>
    IReadOnlyList<int> PrefixIds { get; }

    /// <summary>Ids that stand after a whole prompt. <c>Encode</c> does not add them.</summary>
    IReadOnlyList<int> SuffixIds { get; }

    /// <summary>How many spaces at the start of a decoded text are an artefact of encoding and are dropped.</summary>
    int LeadingSpacesDropped { get; }

    /// <summary>
    /// The id of a token written as in the vocabulary (or of an added token's content); null if unknown.
    /// </summary>
    int? IdOf(string token);

    /// <summary>The token as written in the vocabulary; null for an id that no token has.</summary>
    string? TokenOf(int id);

    /// <summary>True for control tokens, such as <c>&lt;|endoftext|&gt;</c>.</summary>
    bool IsSpecial(int id);

    /// <summary>The bytes a token adds to the decoded text; empty for an id that no token has.</summary>
    ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>Splits text into tokens.</summary>
    /// <param name="text">Any UTF-16; half a surrogate pair counts as U+FFFD.</param>
    /// <param name="parseSpecial">
    /// True: the literal of a special token becomes that token. False: it is plain text like any other, so that text
    /// from a user cannot forge control tokens.
    /// </param>
    /// <param name="continuation">
    /// The text follows other tokens, so nothing is put in front of it as at a start.
    /// </param>
    /// <returns>The ids, without prefix and suffix.</returns>
    /// <exception cref="InvalidRequestException">The tokenizer cannot spell this text at all.</exception>
    int[] Encode(ReadOnlySpan<char> text, bool parseSpecial = false, bool continuation = false);

    /// <summary>
    /// Joins tokens into text. Bytes that are no valid UTF-8 become U+FFFD, one for each broken sequence.
    /// </summary>
    /// <param name="ids">Ids; one that no token has adds nothing.</param>
    /// <param name="skipSpecial">Leaves control tokens out.</param>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true);
}
