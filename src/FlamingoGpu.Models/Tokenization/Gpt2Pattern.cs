using System.Buffers;
using System.Text;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Cuts text as GPT-2's pattern does:
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// Written as a walk over runes, because a .NET regular expression sees surrogate halves and takes no letter outside
/// the Basic Multilingual Plane for one. All white space lies inside that plane, so white space is walked by unit.
/// </summary>
internal static class Gpt2Pattern
{
    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>Length in UTF-16 units of the first piece of a text that is not empty.</summary>
    public static int FirstPiece(ReadOnlySpan<char> text)
    {
        if (ContractionLength(text) is > 0 and var contraction) return contraction;
        var prefix = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var kind = KindAt(text[prefix..], out _);
        return kind == Kind.Space ? SpaceLength(text) : prefix + RunLength(text[prefix..], kind);
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text[0] != '\'' || text.Length < 2) return 0;
        if (text[1] is 's' or 't' or 'm' or 'd') return 2;
        return text.Length > 2 && text[1..3] is "re" or "ve" or "ll" ? 3 : 0;
    }

    /// <summary>
    /// A run of white space; when something follows, its last character is left for the next piece, unless it is alone.
    /// </summary>
    private static int SpaceLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && char.IsWhiteSpace(text[length])) length++;
        return length == text.Length || length == 1 ? length : length - 1;
    }

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        var length = 0;
        while (length < text.Length && KindAt(text[length..], out var consumed) == kind) length += consumed;
        return length;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int consumed)
    {
        consumed = 1;
        var unit = text[0];
        if (char.IsAscii(unit))
        {
            if (char.IsAsciiLetter(unit)) return Kind.Letter;
            if (char.IsAsciiDigit(unit)) return Kind.Number;
            return char.IsWhiteSpace(unit) ? Kind.Space : Kind.Other;
        }

        if (Rune.DecodeFromUtf16(text, out var rune, out consumed) != OperationStatus.Done) return Kind.Other;
        if (Rune.IsLetter(rune)) return Kind.Letter;
        if (Rune.IsNumber(rune)) return Kind.Number;
        return Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other;
    }
}
