using System.Diagnostics;

namespace FlamingoGpu;

/// <summary>
/// Greedy search and sampling over a prefilled session: one token per row and step until every row has ended. After the
/// constructor, a step allocates nothing but the text it hands out.
/// </summary>
public sealed class TokenGenerator
{
    private readonly TextSession _session;
    private readonly GenerationOptions _options;
    private readonly TokenSampler[] _samplers;
    private readonly int[] _next;
    private readonly bool[] _ended;
    private readonly List<int>[] _ids;
    private bool _startedOnDevice;

    /// <summary>Prepares one row per prompt.</summary>
    /// <param name="session">A session, after its prefill, without replicas.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="promptIds">Ids of each prompt, for the repetition penalty.</param>
    public TokenGenerator(TextSession session, GenerationOptions options, IReadOnlyList<IReadOnlyList<int>> promptIds)
    {
        Debug.Assert(session.Replicas == 1, "beams are searched by BeamSearch");
        (_session, _options) = (session, options);
        _samplers = [.. promptIds.Select(ids => new TokenSampler(options, session.Vocabulary, ids))];
        _next = new int[promptIds.Count];
        _ended = new bool[promptIds.Count];
        _ids = [.. promptIds.Select(_ => new List<int>(options.MaxNewTokens))];
    }

    /// <summary>Ids generated for a row so far, a final stop id included.</summary>
    public IReadOnlyList<int> Ids(int row) => _ids[row];

    /// <summary>True when a row generates no more.</summary>
    public bool HasEnded(int row) => _ended[row];

    /// <summary>Ends a row from outside: a stop text appeared.</summary>
    public void End(int row) => _ended[row] = true;

    /// <summary>True when a row's last id is a stop id.</summary>
    public bool EndedWithStopId(int row) => _ids[row].Count > 0 && IsStop(_ids[row][^1]);

    /// <summary>
    /// Chooses the next token of every row that has not ended and, unless all have, runs the step that gives the logits
    /// after it.
    /// </summary>
    /// <returns>False when all rows have ended.</returns>
    public bool MoveNext()
    {
        for (var row = 0; row < _next.Length; row++) _ended[row] |= _ids[row].Count == _options.MaxNewTokens;
        var running = Array.IndexOf(_ended, false) >= 0;
        if (!running) return false;
        var chosen = _startedOnDevice ? _session.NextOnDevice() : default;
        for (var row = 0; row < _next.Length; row++)
        {
            if (_ended[row]) continue;
            var id = _startedOnDevice ? chosen[row] : _samplers[row].Choose(_session.Logits(row));
            _next[row] = id;
            _ids[row].Add(id);
            _ended[row] = IsStop(id) || _ids[row].Count == _options.MaxNewTokens;
        }

        return true;
    }

    /// <summary>Feeds the chosen tokens; call after <see cref="MoveNext"/> while a row is running.</summary>
    public void Step()
    {
        if (Array.TrueForAll(_ended, ended => ended) || _startedOnDevice) return; // a device goes on by itself
        if (_session.ChoosesOnDevice) _session.StartOnDevice(_next, _samplers);
        else _session.Step(_next);
        _startedOnDevice = _session.ChoosesOnDevice;
    }

    private bool IsStop(int id)
    {
        for (var i = 0; i < _options.StopIds.Count; i++)
        {
            if (_options.StopIds[i] == id) return true;
        }

        return false;
    }
}
