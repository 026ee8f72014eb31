using System.Buffers;
using System.Globalization;
using System.Text;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Finds added tokens in text: the leftmost match, and the longest of those that start there. A trie; one look at a
/// place costs at most the length of the longest token, which the file reader limits.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private const int Root = 0;

    private readonly Dictionary<(int Node, char Unit), int> _children = [];
    private readonly Dictionary<int, AddedToken> _ends = [];
    private readonly SearchValues<char> _firstUnits;

    /// <param name="tokens">Tokens with the text each is matched as.</param>
    public AddedTokenMatcher(IEnumerable<(AddedToken Token, string Literal)> tokens)
    {
        foreach (var (token, literal) in tokens)
        {
            if (literal.Length == 0) continue;
            var node = Root;
            foreach (var unit in literal)
            {
                if (!_children.TryGetValue((node, unit), out var child))
                    _children.Add((node, unit), child = _children.Count + 1);
                node = child;
            }

            _ends.TryAdd(node, token);
        }

        _firstUnits = SearchValues.Create([.. _children.Keys.Where(key => key.Node == Root).Select(key => key.Unit)]);
    }

    /// <summary>Finds the next token at or after <paramref name="from"/>.</summary>
    /// <param name="text">
    /// The whole stretch: what stands before <paramref name="from"/> counts for word borders.
    /// </param>
    /// <param name="from">Where the last match ended. White space before it is not swallowed again.</param>
    /// <param name="start">Where the match starts, with the white space it swallows.</param>
    /// <param name="end">Where it ends, likewise.</param>
    /// <returns>The token, or null when there is none.</returns>
    public AddedToken? Find(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        var at = from;
        while (true)
        {
            var step = text[at..].IndexOfAny(_firstUnits);
            if (step < 0)
            {
                (start, end) = (text.Length, text.Length);
                return null;
            }

            at += step;
            var token = LongestAt(text[at..], out var length);
            if (token is null)
            {
                at++;
                continue;
            }

            (start, end) = (at, at + length);
            at = end;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..]))) continue;
            while (token.LeftStrip && start > from && char.IsWhiteSpace(text[start - 1])) start--;
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end])) end++;
            return token;
        }
    }

    private AddedToken? LongestAt(ReadOnlySpan<char> text, out int length)
    {
        AddedToken? longest = null;
        length = 0;
        var node = Root;
        for (var i = 0; i < text.Length && _children.TryGetValue((node, text[i]), out node); i++)
        {
            if (!_ends.TryGetValue(node, out var token)) continue;
            longest = token;
            length = i + 1;
        }

        return longest;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    /// <summary>Letters, marks, digits, connectors such as the underscore, and the two joiners.</summary>
    private static bool IsWord(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
