using System.Diagnostics;

namespace FlamingoGpu;

/// <summary>
/// Where the time of a request went. Wall clock; of media and prompt on a GPU the time of the device.
/// </summary>
public sealed record Timings
{
    /// <summary>Planning, allocating and binding; nearly nothing when the request before had the same sizes.</summary>
    public TimeSpan Setup { get; init; }

    /// <summary>
    /// Wall clock of media and prompt beyond their own times: the device's wait for the host, and back.
    /// </summary>
    public TimeSpan Overhead { get; init; }

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
        Setup = Setup + other.Setup,
        Overhead = Overhead + other.Overhead,
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
