using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Models;

/// <summary>
/// Everything that defines a model besides its weights. Read from the files of a checkpoint, checked against their
/// tensors, and open to named overrides (<c>FlamingoConfigKeys</c>) for quirks and experiments.
/// </summary>
public sealed record FlamingoConfig
{
    /// <summary>Name for people, such as <c>openflamingo-3b</c>, or the folder's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>A word on where the weights come from, which the manifest may state: "random weights". Else null.</summary>
    public string? Note { get; init; }

    /// <summary>The vision encoder.</summary>
    public VisionConfig Vision { get; init; } = new();

    /// <summary>The Perceiver resampler.</summary>
    public ResamplerConfig Resampler { get; init; } = new();

    /// <summary>The gated cross-attention blocks.</summary>
    public CrossAttentionConfig CrossAttention { get; init; } = new();

    /// <summary>The language model.</summary>
    public MptConfig Language { get; init; } = new();

    /// <summary>Special ids.</summary>
    public SpecialTokens Tokens { get; init; } = new(0, 0, 0, -1);

    /// <summary>True when a gated block stands before decoder layer <paramref name="layer"/>.</summary>
    public bool HasGatedBlock(int layer) => (layer + 1) % CrossAttention.Every == 0;
}
