namespace FlamingoGpu;

/// <summary>
/// Beam search as transformers runs it for OpenFlamingo (generation/utils.py beam_search, early_stopping false): per
/// step and prompt the best 2·beams continuations compete; one that ends in a stop token is a finished hypothesis if it
/// is among the first beams, else it is dropped; a prompt is done when its finished hypotheses cannot be beaten any
/// more. Not safe for concurrent use.
/// </summary>
public sealed class BeamSearch
{
    private const float NotStarted = -1e9f;
    private readonly GenerationOptions _options;
    private readonly int _beams;
    private readonly Prompt[] _prompts;

    /// <summary>Starts a search.</summary>
    /// <param name="options">Validated options; at least one beam.</param>
    /// <param name="promptLengths">Tokens of each prompt that count into its length (with padding, if parity with a
    /// padded batch is wanted).</param>
    public BeamSearch(GenerationOptions options, IReadOnlyList<int> promptLengths)
    {
        _options = options;
        _beams = options.NumBeams;
        _prompts = [.. promptLengths.Select(length => new Prompt(length, _beams))];
    }

    /// <summary>
    /// Runs the search on a prefilled session with as many replicas as beams.
    /// </summary>
    /// <param name="session">The session, after its prefill.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <returns>The ids of the best hypothesis of each prompt, a final stop token included.</returns>
    public IReadOnlyList<IReadOnlyList<int>> Run(TextSession session, CancellationToken cancellation = default)
    {
        var next = new int[session.RowCount];
        var parents = new int[session.RowCount];
        var sums = new float[session.RowCount];
        var logProbabilities = new float[(long)_beams * session.Vocabulary];
        var banned = TokenSampler.Bits(_options.BannedIds, session.Vocabulary);
        for (var generated = 0; generated < _options.MaxNewTokens; generated++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var p = 0; p < _prompts.Length; p++)
            {
                if (_prompts[p].Done) Idle(p, next, parents);
                else Advance(session, p, generated, logProbabilities, next, parents);
                _prompts[p].Scores.CopyTo(sums.AsSpan(p * _beams));
            }

            if (Array.TrueForAll(_prompts, prompt => prompt.Done) || generated + 1 == _options.MaxNewTokens) break;
            if (session.Beams is not null)
            {
                session.StepBeams(parents, next, sums, banned);
                continue;
            }

            session.Reorder(parents);
            session.Step(next);
        }

        return [.. _prompts.Select(Best)];
    }

    private void Idle(int p, int[] next, int[] parents)
    {
        for (var beam = 0; beam < _beams; beam++)
        {
            next[p * _beams + beam] = 0;
            parents[p * _beams + beam] = p * _beams + beam;
        }
    }

    private void Advance(TextSession session, int p, int generated, float[] logProbabilities, int[] next, int[] parents)
    {
        var prompt = _prompts[p];
        var vocabulary = session.Vocabulary;
        Span<int> candidates = stackalloc int[2 * _beams];
        Span<float> scores = stackalloc float[2 * _beams];
        if (session.Beams is { } device && generated > 0)
        {
            device.Candidates(p).CopyTo(candidates);
            device.Scores(p).CopyTo(scores);
        }
        else
        {
            candidates = candidates[..Rank(session, p, logProbabilities, candidates, scores)];
        }

        var survivors = new List<(int Beam, int Id, float Score)>();
        for (var rank = 0; rank < candidates.Length && survivors.Count < _beams; rank++)
        {
            var (beam, id) = (candidates[rank] / vocabulary, candidates[rank] % vocabulary);
            var score = scores[rank];
            if (!_options.StopIds.Contains(id)) survivors.Add((beam, id, score));
            else if (rank < _beams) prompt.Finish(prompt.Beams[beam], id, score / Length(prompt, generated, ended: true), _beams);
        }

        prompt.Continue(survivors);
        for (var beam = 0; beam < _beams; beam++)
        {
            next[p * _beams + beam] = survivors[beam].Id;
            parents[p * _beams + beam] = p * _beams + survivors[beam].Beam;
        }

        var best = scores[0];
        prompt.Done = prompt.Finished.Count == _beams
            && prompt.Finished.Min(hypothesis => hypothesis.Score) >= best / Length(prompt, generated + 1, ended: false);
    }

    /// <summary>The best continuations of a prompt from its logits on the host.</summary>
    /// <returns>How many there are.</returns>
    private int Rank(TextSession session, int p, float[] logProbabilities, Span<int> candidates, Span<float> scores)
    {
        var vocabulary = session.Vocabulary;
        for (var beam = 0; beam < _beams; beam++)
        {
            var row = logProbabilities.AsSpan(beam * vocabulary, vocabulary);
            LogProbability.Fill(session.Logits(p * _beams + beam), row);
            foreach (var id in _options.BannedIds) row[id] = float.NegativeInfinity;
            for (var id = 0; id < vocabulary; id++) row[id] += _prompts[p].Scores[beam];
        }

        var count = TopCandidates.Select(logProbabilities, candidates.Length, candidates);
        for (var rank = 0; rank < count; rank++) scores[rank] = logProbabilities[candidates[rank]];
        return count;
    }

    /// <summary>length^penalty of a hypothesis with this many generated tokens before its stop token.</summary>
    private float Length(Prompt prompt, int generated, bool ended) => (float)Math.Pow(
        _options.BeamLength == BeamLength.WholeSequence ? prompt.Length + generated : generated + (ended ? 1 : 0),
        _options.LengthPenalty);

    private IReadOnlyList<int> Best(Prompt prompt)
    {
        if (!prompt.Done)
        {
            for (var beam = 0; beam < _beams; beam++)
            {
                var length = Length(prompt, prompt.Beams[beam].Count, ended: false);
                prompt.Finish(prompt.Beams[beam], stopId: null, prompt.Scores[beam] / length, _beams);
            }
        }

        return prompt.Finished.Count == 0 ? [] : prompt.Finished.MaxBy(hypothesis => hypothesis.Score)!.Ids;
    }

    private sealed record Hypothesis(IReadOnlyList<int> Ids, float Score);

    private sealed class Prompt
    {
        public Prompt(int length, int beams)
        {
            Length = length;
            Beams = [.. Enumerable.Range(0, beams).Select(_ => new List<int>())];
            Scores = [.. Enumerable.Range(0, beams).Select(beam => beam == 0 ? 0 : NotStarted)];
        }

        public int Length { get; }

        public List<int>[] Beams { get; private set; }

        public float[] Scores { get; private set; }

        public List<Hypothesis> Finished { get; } = [];

        public bool Done { get; set; }

        public void Finish(List<int> ids, int? stopId, float score, int keep)
        {
            if (Finished.Count == keep && score <= Finished.Min(hypothesis => hypothesis.Score)) return;
            Finished.Add(new Hypothesis(stopId is { } id ? [.. ids, id] : [.. ids], score));
            if (Finished.Count > keep) Finished.Remove(Finished.MinBy(hypothesis => hypothesis.Score)!);
        }

        public void Continue(List<(int Beam, int Id, float Score)> survivors)
        {
            Beams = [.. survivors.Select(survivor => new List<int>(Beams[survivor.Beam]) { survivor.Id })];
            Scores = [.. survivors.Select(survivor => survivor.Score)];
        }
    }
}
