namespace FlamingoGpu.Models;

/// <summary>How a decoder layer adds its two branches.</summary>
public enum ResidualForm
{
    /// <summary>y = x + attention(norm x); y + feed-forward(norm y).</summary>
    Sequential,

    /// <summary>x + attention(norm x) + feed-forward(norm x).</summary>
    Parallel,
}
