using System.Numerics;

namespace FlamingoGpu;

/// <summary>The sizes that decide how much memory a request takes.</summary>
/// <param name="Rows">Prompts in the batch.</param>
/// <param name="PromptTokens">Tokens of the longest prompt.</param>
/// <param name="NewTokens">Most tokens to generate per prompt.</param>
/// <param name="Media">Images and clips in the whole batch.</param>
/// <param name="Frames">Frames of the longest clip, 1 for images.</param>
/// <param name="Replicas">Cache rows per prompt: the number of beams, or of continuations scored at a time.</param>
/// <param name="ExtendTokens">Tokens of the longest continuation that is scored at once, 0 when nothing is scored.</param>
public sealed record RequestShape(
    int Rows, int PromptTokens, int NewTokens, int Media, int Frames = 1, int Replicas = 1, int ExtendTokens = 0)
{
    /// <summary>Tokens a cache row must hold.</summary>
    public int Context => PromptTokens + NewTokens + ExtendTokens;

    /// <summary>Rows of the cache that hold prompts.</summary>
    public int CacheRows => Rows * Replicas;

    /// <summary>One more row when beams trade places.</summary>
    public int SpareRows => Replicas > 1 ? 1 : 0;

    /// <summary>
    /// The same with longer prompts, at most an eighth, so that requests of similar lengths have equal sizes: eight
    /// lengths between a power of two and the next.
    /// </summary>
    /// <param name="context">Tokens a row may hold.</param>
    internal RequestShape Rounded(int context)
    {
        var step = Math.Max(1, (int)BitOperations.RoundUpToPowerOf2((uint)PromptTokens) / 16);
        var rounded = (PromptTokens + step - 1) / step * step;
        var most = context - NewTokens - ExtendTokens;
        return this with { PromptTokens = Math.Max(PromptTokens, Math.Min(rounded, most)) };
    }
}
