namespace FlamingoGpu;

/// <summary>
/// Passes streamed text on, but holds back what might be the beginning of a stop text, so that none of it is ever shown.
/// For one text and one thread.
/// </summary>
internal sealed class StopTextFilter(IReadOnlyList<string> stopTexts)
{
    private string _held = "";

    /// <summary>True once a stop text appeared; nothing passes any more.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes text and gives what may be shown.</summary>
    public string Append(string text)
    {
        if (Stopped || stopTexts.Count == 0) return Stopped ? "" : text;
        _held += text;
        var stop = stopTexts.Select(s => _held.IndexOf(s, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (stop >= 0)
        {
            Stopped = true;
            return Release(stop);
        }

        var keep = stopTexts.Max(s => LongestStartAtEnd(_held, s));
        return Release(_held.Length - keep);
    }

    /// <summary>Ends the text and gives what was held back.</summary>
    public string Flush() => Stopped ? "" : Release(_held.Length);

    private static int LongestStartAtEnd(string text, string stop)
    {
        for (var length = Math.Min(stop.Length - 1, text.Length); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))) return length;
        }

        return 0;
    }

    private string Release(int length)
    {
        var text = _held[..length];
        _held = _held[length..];
        return text;
    }
}
