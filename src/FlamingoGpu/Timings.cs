using System.Diagnostics;

namespace FlamingoGpu;

/// <summary>Where the time of a request went. Wall clock.</summary>
public sealed record Timings
{
    /// <summary>Encoding media and projecting their keys and values.</summary>
    public TimeSpan Media { get; init; }

    /// <summary>Media in the request.</summary>
    public int MediaCount { get; init; }

    /// <summary>Running the prompts.</summary>
    public TimeSpan Prefill { get; init; }

    /// <summary>Tokens in all prompts.</summary>
    public int PromptTokens { get; init; }

    /// <summary>All decode steps, choosing tokens included.</summary>
    public TimeSpan Decode { get; init; }

    /// <summary>Tokens generated in all rows.</summary>
    public int NewTokens { get; init; }

    /// <summary>Bytes of activations.</summary>
    public long ArenaBytes { get; init; }

    /// <summary>The times and counts of two requests together.</summary>
    internal Timings Plus(Timings other) => new()
    {
        Media = Media + other.Media,
        MediaCount = MediaCount + other.MediaCount,
        Prefill = Prefill + other.Prefill,
        PromptTokens = PromptTokens + other.PromptTokens,
        Decode = Decode + other.Decode,
        NewTokens = NewTokens + other.NewTokens,
        ArenaBytes = Math.Max(ArenaBytes, other.ArenaBytes),
    };

    internal static TimeSpan Measure(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start);
    }
}
