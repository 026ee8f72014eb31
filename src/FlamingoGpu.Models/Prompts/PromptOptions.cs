namespace FlamingoGpu.Models.Prompts;

/// <summary>
/// What a prompt file says about generation. Null leaves a choice to the caller's flags and defaults.
/// </summary>
public sealed record PromptOptions
{
    /// <summary>Most tokens to generate (<c>max_new_tokens</c>).</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>Sampling temperature; 0 is greedy (<c>temperature</c>).</summary>
    public double? Temperature { get; init; }

    /// <summary>Only the k most likely tokens are drawn from; 0 is all (<c>top_k</c>).</summary>
    public int? TopK { get; init; }

    /// <summary>Only the most likely tokens that together have this probability, 0 to 1 (<c>top_p</c>).</summary>
    public double? TopP { get; init; }

    /// <summary>Only tokens at least this share as likely as the likeliest, 0 to 1 (<c>min_p</c>).</summary>
    public double? MinP { get; init; }

    /// <summary>Above 1 makes tokens that occurred less likely (<c>repetition_penalty</c>).</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Seed of sampling (<c>seed</c>).</summary>
    public int? Seed { get; init; }

    /// <summary>Beams of beam search; 1 is none (<c>num_beams</c>).</summary>
    public int? NumBeams { get; init; }

    /// <summary>Exponent of the length a beam's score is divided by (<c>length_penalty</c>).</summary>
    public double? LengthPenalty { get; init; }

    /// <summary>Texts that end the generation (<c>stop</c>); none when empty.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Special tokens written in texts count as such (<c>special</c>).</summary>
    public bool? ParseSpecial { get; init; }
}
