using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>What any <see cref="ITokenizer"/> can do, made of its members.</summary>
public static class TokenizerExtensions
{
    /// <summary>
    /// Splits UTF-8 bytes into tokens. Broken sequences become U+FFFD first, one for each longest broken part, as the
    /// Unicode standard recommends and other tokenizers do.
    /// </summary>
    /// <exception cref="InvalidRequestException">The tokenizer cannot spell this text at all.</exception>
    public static int[] EncodeUtf8(this ITokenizer tokenizer, ReadOnlySpan<byte> utf8, bool parseSpecial = false) =>
        tokenizer.Encode(Encoding.UTF8.GetString(utf8), parseSpecial);

    /// <summary>The id of a token a model cannot do without.</summary>
    /// <exception cref="InvalidRequestException">The tokenizer has no such token.</exception>
    public static int RequireId(this ITokenizer tokenizer, string token) =>
        tokenizer.IdOf(token) ?? throw new InvalidRequestException(
            $"The tokenizer has no token \"{token}\"; it is probably the language model's own tokenizer, without the "
            + "tokens that Flamingo adds. Add it to added_tokens of tokenizer.json with the id the checkpoint uses, or "
            + "call TokenizerFile.WithSpecialTokens.");
}
