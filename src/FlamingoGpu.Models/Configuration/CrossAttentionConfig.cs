using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>Sizes and choices of the gated cross-attention blocks (Flamingo 2022, §3.1.2).</summary>
public sealed record CrossAttentionConfig
{
    /// <summary>A block stands before decoder layer i when (i + 1) is a multiple of this.</summary>
    public int Every { get; init; } = 4;

    /// <summary>Attention heads; no file states it, 8 in every OpenFlamingo release.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of one head; no file states it, 64 in every OpenFlamingo release.</summary>
    public int HeadDim { get; init; } = 64;

    /// <summary>Feed-forward inner width as a multiple of the text width.</summary>
    public int FeedForwardFactor { get; init; } = 4;

    /// <summary>Activation of the feed-forward.</summary>
    public Activation Activation { get; init; } = Activation.GeluErf;

    /// <summary>Which media a text token reads.</summary>
    public MediaMask Mask { get; init; } = MediaMask.Immediate;

    /// <summary>What multiplies the two branches.</summary>
    public GateKind Gate { get; init; } = GateKind.Tanh;
}
