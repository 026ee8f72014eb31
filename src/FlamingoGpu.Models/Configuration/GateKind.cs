namespace FlamingoGpu.Models;

/// <summary>What multiplies the branches of a gated cross-attention block.</summary>
public enum GateKind
{
    /// <summary>tanh of the learned scalar (Flamingo 2022, §3.1.2).</summary>
    Tanh,

    /// <summary>Nothing: the branch counts in full. No release does this; it exists to see that parity notices.</summary>
    Open,
}
