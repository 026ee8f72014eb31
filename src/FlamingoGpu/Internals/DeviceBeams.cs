using FlamingoGpu.Core;
using FlamingoGpu.Graph;

namespace FlamingoGpu;

/// <summary>
/// Ranks beams where their logits are: per step and prompt the host reads 2 · beams candidates instead of beams ·
/// vocabulary logits, and caches are reordered by the recorded step itself.
/// </summary>
internal sealed class DeviceBeams : IDisposable
{
    private readonly GraphExecutor _step;
    private readonly int _beams;
    private readonly int[] _rows;
    private readonly int[] _candidates; // [prompts, 2 · beams]
    private readonly float[] _scores; // [prompts, 2 · beams]

    /// <summary>Takes over a bound step.</summary>
    /// <param name="step">The bound graph of a step; owned.</param>
    /// <param name="beams">Rows of a prompt.</param>
    public DeviceBeams(GraphExecutor step, int beams)
    {
        (_step, _beams) = (step, beams);
        _candidates = new int[step.Graph.Outputs["candidates"].Shape.ElementCount];
        _scores = new float[_candidates.Length];
        _rows = [.. Enumerable.Range(0, _candidates.Length / 2)];
    }

    /// <summary>The node of each step and the variant it got.</summary>
    public IEnumerable<(GraphNode Node, string Variant)> Variants => _step.Variants;

    /// <summary>Sets who hears about every node; steps are then not replayed but run.</summary>
    public IExecutionListener? Listener
    {
        set => _step.Listener = value;
    }

    /// <summary>Candidates of a prompt after the last step, best first: beam · vocabulary + id.</summary>
    public ReadOnlySpan<int> Candidates(int prompt) => _candidates.AsSpan(2 * _beams * prompt, 2 * _beams);

    /// <summary>Log-probability of each candidate, with that of its beam.</summary>
    public ReadOnlySpan<float> Scores(int prompt) => _scores.AsSpan(2 * _beams * prompt, 2 * _beams);

    /// <summary>Runs a step; arguments as of <see cref="TextSession.StepBeams"/>.</summary>
    /// <exception cref="NonFiniteException">Logits were not finite; names the node.</exception>
    public void Step(
        ReadOnlySpan<int> parents, ReadOnlySpan<int> ids, ReadOnlySpan<float> sums, ReadOnlySpan<int> banned,
        ReadOnlySpan<int> lengths, ReadOnlySpan<int> promptLengths, ReadOnlySpan<int> spans)
    {
        var ends = new int[promptLengths.Length];
        for (var prompt = 0; prompt < ends.Length; prompt++) ends[prompt] = lengths[prompt * _beams];
        _step.Write("ids", ids);
        _step.Write("past", lengths);
        _step.Write<int>("rows", _rows);
        if (!spans.IsEmpty) _step.Write("spans", spans);
        _step.Write("parents", parents);
        _step.Write("from", promptLengths);
        _step.Write<int>("to", ends);
        _step.Write("sums", sums);
        _step.Write("banned", banned);
        _step.Record();
        _step.Run();
        _step.Read("candidates", _candidates.AsSpan());
        _step.Read("scores", _scores.AsSpan());
        var bad = _candidates.AsSpan().IndexOfAnyExceptInRange(0, int.MaxValue);
        if (bad < 0) return;
        _step.RunChecked();
        throw new NonFiniteException("beam scores", bad, float.NaN);
    }

    /// <inheritdoc/>
    public void Dispose() => _step.Dispose();
}
