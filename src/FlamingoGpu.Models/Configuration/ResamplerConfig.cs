using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>Sizes and choices of the Perceiver resampler (Flamingo 2022, §3.1.1).</summary>
public sealed record ResamplerConfig
{
    /// <summary>Blocks of attention and feed-forward.</summary>
    public int Depth { get; init; } = 6;

    /// <summary>Learned latents: visual tokens per medium.</summary>
    public int Latents { get; init; } = 64;

    /// <summary>Attention heads; no file states it, 8 in every OpenFlamingo release.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of one head; no file states it, 64 in every OpenFlamingo release.</summary>
    public int HeadDim { get; init; } = 64;

    /// <summary>Feed-forward inner width as a multiple of the visual width.</summary>
    public int FeedForwardFactor { get; init; } = 4;

    /// <summary>Activation of the feed-forward.</summary>
    public Activation Activation { get; init; } = Activation.GeluErf;

    /// <summary>Rows of the optional frame embeddings; 0 when the checkpoint has none.</summary>
    public int MaxFrames { get; init; }

    /// <summary>Rows of the optional media-time embeddings; 0 when the checkpoint has none.</summary>
    public int MaxMedia { get; init; }
}
