using System.Numerics.Tensors;
using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>
/// Chooses the next token of one row. Holds the row's random state and scratch, so choosing allocates nothing. Not safe
/// for concurrent use.
/// </summary>
public sealed class TokenSampler
{
    /// <summary>Up to this many candidates, insertion beats sorting the whole vocabulary.</summary>
    private const int InsertionLimit = 128;

    private readonly GenerationOptions _options;
    private readonly float[] _scores;
    private readonly float[] _sorted;
    private readonly int[] _order;
    private readonly int[] _seen; // bits: id mod 32 of word id / 32
    private readonly SplitMix64 _random;

    /// <summary>Makes a sampler for one row.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="vocabulary">Length of the logits.</param>
    /// <param name="promptIds">Ids that the repetition penalty counts as already said.</param>
    public TokenSampler(GenerationOptions options, int vocabulary, IEnumerable<int> promptIds)
    {
        _options = options;
        _scores = new float[vocabulary];
        var drawn = options.Temperature == 0 ? 0 : vocabulary; // nothing is sorted to take the best
        _sorted = new float[drawn];
        _order = new int[drawn];
        _seen = Bits(promptIds, vocabulary);
        _random = new SplitMix64(options.Seed);
    }

    /// <summary>The id that follows; equal logits go to the smaller id.</summary>
    /// <param name="logits">[vocabulary], left as they are.</param>
    public int Choose(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(_scores);
        foreach (var id in _options.BannedIds) _scores[id] = float.NegativeInfinity;
        if (_options.RepetitionPenalty != 1) Penalise();
        var chosen = _options.Temperature == 0 ? ArgMax(_scores) : Draw();
        _seen[chosen / 32] |= 1 << (chosen % 32);
        return chosen;
    }

    /// <summary>Ids this row has seen, as bits.</summary>
    internal ReadOnlySpan<int> SeenBits => _seen;

    /// <summary>Ids that are never chosen, as bits.</summary>
    internal int[] BannedBits() => Bits(_options.BannedIds, _scores.Length);

    /// <summary>A set of ids as bits: id mod 32 of word id / 32.</summary>
    internal static int[] Bits(IEnumerable<int> ids, int vocabulary)
    {
        var words = new int[(vocabulary + 31) / 32];
        foreach (var id in ids) words[id / 32] |= 1 << (id % 32);
        return words;
    }

    /// <summary>The next number of this row's random sequence, from 0 to below 1.</summary>
    internal float NextUnit() => MathF.Min((float)_random.NextUnit(), MathF.BitDecrement(1));

    /// <summary>The first of the largest; none is NaN.</summary>
    internal static int ArgMax(ReadOnlySpan<float> scores) => scores.IndexOf(TensorPrimitives.Max(scores));

    private void Penalise()
    {
        var penalty = (float)_options.RepetitionPenalty;
        for (var id = 0; id < _scores.Length; id++)
        {
            if ((_seen[id / 32] & (1 << (id % 32))) == 0) continue;
            _scores[id] = _scores[id] > 0 ? _scores[id] / penalty : _scores[id] * penalty;
        }
    }

    private int Draw()
    {
        var temperature = (float)_options.Temperature;
        for (var id = 0; id < _scores.Length; id++) _scores[id] /= temperature;
        var count = SortCandidates();
        var best = _scores[_order[0]];
        double total = 0;
        for (var i = 0; i < count; i++) total += Math.Exp(_scores[_order[i]] - best);
        count = Nucleus(count, best, total);
        double kept = 0;
        for (var i = 0; i < count; i++) kept += Math.Exp(_scores[_order[i]] - best);
        var target = _random.NextUnit() * kept;
        for (var i = 0; i < count - 1; i++)
        {
            target -= Math.Exp(_scores[_order[i]] - best);
            if (target < 0) return _order[i];
        }

        return _order[count - 1];
    }

    /// <summary>Orders ids by falling score and cuts at top-k and at impossible tokens.</summary>
    private int SortCandidates()
    {
        int count;
        if (_options.TopK is > 0 and <= InsertionLimit)
        {
            count = TopCandidates.Select(_scores, Math.Min(_options.TopK, _order.Length), _order);
        }
        else
        {
            for (var id = 0; id < _order.Length; id++) (_order[id], _sorted[id]) = (id, -_scores[id]);
            _sorted.AsSpan().Sort(_order.AsSpan());
            count = _options.TopK > 0 ? Math.Min(_options.TopK, _order.Length) : _order.Length;
        }

        while (count > 1 && float.IsNegativeInfinity(_scores[_order[count - 1]])) count--;
        return count;
    }

    private int Nucleus(int count, float best, double total)
    {
        if (_options.TopP < 1)
        {
            double sum = 0;
            var kept = 0;
            while (kept < count && sum < _options.TopP) sum += Math.Exp(_scores[_order[kept++]] - best) / total;
            count = Math.Max(1, kept);
        }

        if (_options.MinP > 0)
        {
            var threshold = best + (float)Math.Log(_options.MinP);
            while (count > 1 && _scores[_order[count - 1]] < threshold) count--;
        }

        return count;
    }
}
