using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>Sizes and choices of a CLIP vision tower (flamingo-families: ViT-L/14 of OpenAI by default).</summary>
public sealed record VisionConfig
{
    /// <summary>Hidden width.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>Transformer blocks.</summary>
    public int Layers { get; init; } = 24;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 16;

    /// <summary>Inner width of the feed-forward.</summary>
    public int FeedForwardWidth { get; init; } = 4096;

    /// <summary>Side of a square patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Picture height in pixels.</summary>
    public int ImageHeight { get; init; } = 224;

    /// <summary>Picture width in pixels.</summary>
    public int ImageWidth { get; init; } = 224;

    /// <summary>Width of the pooled embedding, or 0 when the file has no projection.</summary>
    public int OutputWidth { get; init; } = 768;

    /// <summary>Activation of the feed-forward: QuickGELU for OpenAI's weights, erf GELU for most others.</summary>
    public Activation Activation { get; init; } = Activation.QuickGelu;

    /// <summary>LayerNorm epsilon.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>
    /// Applies the final LayerNorm to the patch tokens as well. OpenFlamingo was trained without it; open_clip 2.23 and
    /// later do it (quirk <c>openclip-post-norm</c>).
    /// </summary>
    public bool PostNormOnTokens { get; init; }

    /// <summary>Patches per picture.</summary>
    public int Patches => ImageHeight / PatchSize * (ImageWidth / PatchSize);
}
