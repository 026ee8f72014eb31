namespace FlamingoGpu.Profiling;

/// <summary>The parts of a Flamingo model that a profile is rolled up into, from the labels of graph nodes.</summary>
public static class ModelModule
{
    /// <summary>Everything of the vision encoder.</summary>
    public const string Vision = "vision";

    /// <summary>The Perceiver resampler.</summary>
    public const string Resampler = "resampler";

    /// <summary>Gated cross-attention blocks with their feed-forward, and the keys and values of the media.</summary>
    public const string GatedCrossAttention = "gated cross-attention";

    /// <summary>Self-attention of the language model.</summary>
    public const string SelfAttention = "self-attention";

    /// <summary>Feed-forward of the language model.</summary>
    public const string FeedForward = "feed-forward";

    /// <summary>Last norm and logits.</summary>
    public const string Head = "head";

    /// <summary>Token embedding, and whatever has no other place.</summary>
    public const string Other = "embedding and other";

    /// <summary>The module a label belongs to: <c>lm3.attn.matmul</c> is self-attention.</summary>
    public static string Of(string label)
    {
        var parts = label.Split('.');
        return parts[0].TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') switch
        {
            "vision" => Vision,
            "resampler" => Resampler,
            "xattn" => GatedCrossAttention,
            "lm" when parts.Length > 1 && parts[1] == "attn" => SelfAttention,
            "lm" when parts.Length > 1 && parts[1] == "ff" => FeedForward,
            "head" => Head,
            _ => Other,
        };
    }
}
