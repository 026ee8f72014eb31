namespace FlamingoGpu.Kernels;

/// <summary>Elementwise functions used between the two halves of a feed-forward.</summary>
public enum Activation
{
    /// <summary>x.</summary>
    None,

    /// <summary>x·Φ(x) with the exact error function (torch's default GELU).</summary>
    GeluErf,

    /// <summary>The tanh approximation of GELU.</summary>
    GeluTanh,

    /// <summary>x·σ(1.702·x), as OpenAI's CLIP was trained.</summary>
    QuickGelu,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0)².</summary>
    SquaredRelu,

    /// <summary>x·σ(x).</summary>
    Silu,
}
