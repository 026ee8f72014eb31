using System.Globalization;
using System.Text;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>The bytes each token adds to decoded text, worked out once from the decoder's steps.</summary>
internal static class TokenBytes
{
    /// <summary>
    /// Tokens of the model go through the decoder. An added token is the text it was matched in: its literal, or, when
    /// it is matched in normalised text, the normalised literal with the decoder's replacements undoing that.
    /// </summary>
    public static Dictionary<int, byte[]> Make(TokenizerFile file)
    {
        var bytes = new Dictionary<int, byte[]>(file.Model.Vocabulary.Count + file.AddedTokens.Count);
        foreach (var (token, id) in file.Model.Vocabulary) bytes[id] = Decode(token, file.Decoder);
        var normalizer = new NormalizerChain(file.Normalizer);
        var replacements = file.Decoder.Where(step => step is DecoderStep.Replace).ToArray();
        foreach (var token in file.AddedTokens)
        {
            bytes[token.Id] = token.Normalized
                ? Decode(normalizer.Run(token.Content), replacements)
                : Encoding.UTF8.GetBytes(token.Content);
        }

        return bytes;
    }

    private static byte[] Decode(string token, IReadOnlyList<DecoderStep> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case DecoderStep.ByteLevel when ByteAlphabet.TryRead(token) is { } bytes:
                    return bytes;
                case DecoderStep.ByteFallback when TryReadFallback(token, out var value):
                    return [value];
                case DecoderStep.Replace(var literal, var content):
                    token = token.Replace(literal, content, StringComparison.Ordinal);
                    break;
            }
        }

        return Encoding.UTF8.GetBytes(token);
    }

    /// <summary>The name of the fallback token of a byte, such as <c>&lt;0x0A&gt;</c>.</summary>
    public static string FallbackName(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    private static bool TryReadFallback(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(
                token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
