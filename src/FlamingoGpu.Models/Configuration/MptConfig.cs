namespace FlamingoGpu.Models;

/// <summary>Sizes and choices of an MPT language model, both name generations.</summary>
public sealed record MptConfig
{
    /// <summary>True for tensor names of mpt-1b (<c>mosaic_gpt</c>), false for mpt-7b (<c>mpt</c>).</summary>
    public bool MosaicGptNames { get; init; }

    /// <summary>Hidden width.</summary>
    public int Width { get; init; }

    /// <summary>Decoder layers.</summary>
    public int Layers { get; init; }

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; }

    /// <summary>Inner width of the feed-forward.</summary>
    public int FeedForwardWidth { get; init; }

    /// <summary>Longest sequence the model was made for.</summary>
    public int Context { get; init; } = 2048;

    /// <summary>Rows of the embedding (after the resize: what the checkpoint holds).</summary>
    public int Vocabulary { get; init; }

    /// <summary>LayerNorm over the whole width on q and on k, before the head split.</summary>
    public bool QkNorm { get; init; }

    /// <summary>Linears and norms have biases (no release does).</summary>
    public bool Bias { get; init; }

    /// <summary>Largest ALiBi exponent.</summary>
    public double AlibiBiasMax { get; init; } = 8;

    /// <summary>How slopes are made.</summary>
    public AlibiSlopes Slopes { get; init; }

    /// <summary>Score factor; 0 means headDim^-0.5.</summary>
    public double SoftmaxScale { get; init; }

    /// <summary>How the branches are added.</summary>
    public ResidualForm Residual { get; init; } = ResidualForm.Sequential;

    /// <summary>LayerNorm epsilon.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>Width of one head.</summary>
    public int HeadDim => Width / Heads;
}
