using System.Text;
using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// Learns a byte-level vocabulary from text, in the order Sennrich et al. (2016) give: count the pairs of neighbours in
/// all words, join the most frequent one everywhere, repeat. Made for corpora of some thousand words: every round
/// counts afresh, O(rounds · distinct words), so that the code is as short as the idea.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Trains; the same corpus gives the same result on any machine.</summary>
    /// <param name="corpus">Lines of text. Words are never joined across GPT-2's cutting pattern.</param>
    /// <param name="vocabularySize">Ids wanted: reserved tokens, 256 bytes, and one for each merge.</param>
    /// <param name="reserved">Tokens that take the first ids and are never merged into.</param>
    /// <returns>
    /// The vocabulary in id order and its merges. It is smaller than asked for when no pair occurs twice any more.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">Not even the bytes fit the vocabulary.</exception>
    public static BpeModelData Train(IEnumerable<string> corpus, int vocabularySize, IReadOnlyList<string> reserved)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, reserved.Count + 256);
        var tokens = new List<string>(reserved);
        tokens.AddRange(Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharOf((byte)value)).Order()
            .Select(character => character.ToString()));
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in tokens) ids.Add(token, ids.Count);

        var words = CountWords(corpus, ids);
        var merges = new List<BpeMerge>();
        while (tokens.Count < vocabularySize && MostFrequentPair(words, tokens) is { } pair)
        {
            // Two ways to spell one token are two merges but one id.
            var joined = tokens[pair.Left] + tokens[pair.Right];
            if (ids.TryAdd(joined, tokens.Count)) tokens.Add(joined);
            var merge = new BpeMerge(pair.Left, pair.Right, ids[joined]);
            merges.Add(merge);
            foreach (var (symbols, _) in words) Join(symbols, merge);
        }

        return new BpeModelData(ids, merges);
    }

    private static List<(List<int> Symbols, int Count)> CountWords(
        IEnumerable<string> corpus, Dictionary<string, int> ids)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in corpus)
        {
            for (var from = 0; from < line.Length;)
            {
                var length = Gpt2Pattern.FirstPiece(line.AsSpan(from));
                var word = line.Substring(from, length);
                counts[word] = counts.GetValueOrDefault(word) + 1;
                from += length;
            }
        }

        return [.. counts.Select(entry => (
            Encoding.UTF8.GetBytes(entry.Key).Select(value => ids[ByteAlphabet.CharOf(value).ToString()]).ToList(),
            entry.Value))];
    }

    /// <summary>
    /// The most frequent pair that occurs at least twice; of equals, the first in the order of its text.
    /// </summary>
    private static (int Left, int Right)? MostFrequentPair(
        List<(List<int> Symbols, int Count)> words, List<string> tokens)
    {
        var counts = new Dictionary<(int Left, int Right), int>();
        foreach (var (symbols, count) in words)
        {
            for (var i = 1; i < symbols.Count; i++)
            {
                var pair = (symbols[i - 1], symbols[i]);
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }

        (int Left, int Right)? best = null;
        var bestCount = 1;
        foreach (var (pair, count) in counts)
        {
            if (count < bestCount || (count == bestCount && !(best is { } known && ComesBefore(pair, known)))) continue;
            (best, bestCount) = (pair, count);
        }

        return best;

        bool ComesBefore((int Left, int Right) one, (int Left, int Right) other)
        {
            var byLeft = string.CompareOrdinal(tokens[one.Left], tokens[other.Left]);
            return byLeft != 0 ? byLeft < 0 : string.CompareOrdinal(tokens[one.Right], tokens[other.Right]) < 0;
        }
    }

    private static void Join(List<int> symbols, BpeMerge merge)
    {
        var count = 0;
        for (var i = 0; i < symbols.Count; i++)
        {
            var joins = i + 1 < symbols.Count && symbols[i] == merge.Left && symbols[i + 1] == merge.Right;
            symbols[count++] = joins ? merge.Joined : symbols[i];
            if (joins) i++;
        }

        symbols.RemoveRange(count, symbols.Count - count);
    }
}
