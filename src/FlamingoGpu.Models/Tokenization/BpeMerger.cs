using FlamingoGpu.Formats.Tokenizer;

namespace FlamingoGpu.Models.Tokenization;

/// <summary>
/// The merging of byte pair encoding: again and again the pair of neighbours with the lowest rank, leftmost first, is
/// joined. A priority queue over a linked list, so a piece of n symbols costs O(n log n), however long it is.
/// </summary>
internal sealed class BpeMerger
{
    private const int End = -1;
    private const int Gone = -1;

    private readonly Dictionary<(int Left, int Right), (int Rank, int Joined)> _merges;

    public BpeMerger(IReadOnlyList<BpeMerge> merges)
    {
        _merges = new Dictionary<(int Left, int Right), (int Rank, int Joined)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
            _merges[(merges[rank].Left, merges[rank].Right)] = (rank, merges[rank].Joined);
    }

    /// <summary>
    /// Merges in place and returns how many symbols are left, at the front of <paramref name="symbols"/>.
    /// </summary>
    public int Merge(Span<int> symbols)
    {
        if (symbols.Length < 2) return symbols.Length;
        var next = new int[symbols.Length];
        var previous = new int[symbols.Length];
        var queue = new PriorityQueue<(int Position, int Joined), (int Rank, int Position)>();
        for (var i = 0; i < symbols.Length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < symbols.Length ? i + 1 : End;
            if (i > 0) Offer(symbols, i - 1, i, queue);
        }

        while (queue.TryDequeue(out var candidate, out _))
        {
            // An entry is stale when one of its neighbours was joined with something else meanwhile.
            var (left, joined) = candidate;
            var right = next[left];
            if (symbols[left] == Gone || right == End
                || !_merges.TryGetValue((symbols[left], symbols[right]), out var merge) || merge.Joined != joined)
            {
                continue;
            }

            symbols[left] = joined;
            symbols[right] = Gone;
            next[left] = next[right];
            if (next[left] != End) previous[next[left]] = left;
            if (previous[left] != End) Offer(symbols, previous[left], left, queue);
            if (next[left] != End) Offer(symbols, left, next[left], queue);
        }

        var count = 0;
        foreach (var symbol in symbols)
        {
            if (symbol != Gone) symbols[count++] = symbol;
        }

        return count;
    }

    private void Offer(
        Span<int> symbols,
        int left,
        int right,
        PriorityQueue<(int Position, int Joined), (int Rank, int Position)> queue)
    {
        if (_merges.TryGetValue((symbols[left], symbols[right]), out var merge))
            queue.Enqueue((left, merge.Joined), (merge.Rank, left));
    }
}
