using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>
/// Scores continuations behind one prompt. The prompt runs once; its cache is shared by groups of continuations, which
/// run side by side (open_flamingo caches the prompt too, but lets later continuations see its padding; here nothing is
/// padded).
/// </summary>
internal sealed class ContinuationScorer(
    FlamingoModel model, ComputeDevice compute, MediaEncoder encoder, RequestPool pool)
{
    private const int Group = 8;

    /// <summary>Scores each continuation.</summary>
    public IReadOnlyList<ContinuationScore> Score(
        SequenceInput prompt, IReadOnlyList<IReadOnlyList<int>> continuations, CancellationToken cancellation)
    {
        Check(continuations);
        var extend = continuations.Max(ids => ids.Count) - 1; // the last token's logits are not needed
        var rows = Math.Min(Group, continuations.Count);
        using var session = new TextSession(model, compute, pool, [prompt], newTokens: 0, rows, extend);
        session.EncodeMedia(encoder);
        session.Prefill();
        var scores = new List<ContinuationScore>();
        foreach (var group in continuations.Chunk(rows))
        {
            cancellation.ThrowIfCancellationRequested();
            scores.AddRange(ScoreGroup(session, group, extend));
        }

        return scores;
    }

    private static IEnumerable<ContinuationScore> ScoreGroup(TextSession session, IReadOnlyList<int>[] group, int extend)
    {
        var ids = new int[session.RowCount * extend];
        for (var row = 0; row < group.Length; row++)
        {
            for (var i = 0; i < group[row].Count - 1; i++) ids[row * extend + i] = group[row][i];
        }

        var logits = extend == 0 ? [] : session.Extend(ids); // [rows · extend, vocabulary]
        for (var row = 0; row < group.Length; row++)
        {
            var probabilities = new double[group[row].Count];
            for (var i = 0; i < probabilities.Length; i++)
            {
                var given = i == 0
                    ? session.Logits(0)
                    : logits.AsSpan((row * extend + i - 1) * session.Vocabulary, session.Vocabulary);
                probabilities[i] = LogProbability.Of(given, group[row][i]);
            }

            yield return new ContinuationScore(group[row], probabilities);
        }
    }

    private void Check(IReadOnlyList<IReadOnlyList<int>> continuations)
    {
        if (continuations.Count == 0) throw new InvalidRequestException("no continuation to score was given.");
        for (var i = 0; i < continuations.Count; i++)
        {
            if (continuations[i].Count == 0) throw new InvalidRequestException($"continuation {i} is empty; it needs at least one token.");
            foreach (var id in continuations[i])
            {
                if ((uint)id >= (uint)model.Language.Vocabulary)
                    throw new InvalidRequestException($"continuation {i} has token id {id}; the vocabulary has {model.Language.Vocabulary} rows.");
            }
        }
    }
}
