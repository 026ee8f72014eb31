namespace FlamingoGpu.Models;

/// <summary>
/// Which media each text token reads, as (first medium, count) pairs for <see cref="Kernels.MediaCrossAttention"/>.
/// Media of all rows of a batch stand in one list; row b owns a contiguous run of it. A token's "text time" is the
/// number of media at or before it (open_flamingo helpers.py; the marker itself already sees its picture).
/// </summary>
public static class MediaSpans
{
    /// <summary>The span of a token at text time <paramref name="time"/>.</summary>
    /// <param name="mask">Which media are visible.</param>
    /// <param name="time">Media at or before the token, 0 … count.</param>
    /// <param name="firstMedium">First medium of the row in the batch's list.</param>
    /// <param name="mediaCount">Media of the row.</param>
    public static (int First, int Count) Of(MediaMask mask, int time, int firstMedium, int mediaCount) => mask switch
    {
        MediaMask.Immediate => time == 0 ? (0, 0) : (firstMedium + time - 1, 1),
        _ => time == 0 ? (firstMedium, -mediaCount) : (firstMedium, time),
    };

    /// <summary>Spans of a whole prompt row.</summary>
    /// <param name="mask">Which media are visible.</param>
    /// <param name="mediaPositions">Ascending token positions of the row's media markers.</param>
    /// <param name="firstMedium">First medium of the row in the batch's list.</param>
    /// <param name="mediaCount">Media of the row (at least as many as markers).</param>
    /// <param name="spans">Two numbers per token, written for all tokens of the row.</param>
    public static void Fill(
        MediaMask mask, ReadOnlySpan<int> mediaPositions, int firstMedium, int mediaCount, Span<int> spans)
    {
        var time = 0;
        for (var token = 0; token < spans.Length / 2; token++)
        {
            if (time < mediaPositions.Length && mediaPositions[time] == token) time++;
            (spans[2 * token], spans[2 * token + 1]) = Of(mask, time, firstMedium, mediaCount);
        }
    }
}
