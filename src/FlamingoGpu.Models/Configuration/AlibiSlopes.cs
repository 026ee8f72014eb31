namespace FlamingoGpu.Models;

/// <summary>
/// How ALiBi slopes are made when the head count is not a power of two; equal otherwise
/// (llm-foundry, layers/attention.py of the two generations).
/// </summary>
public enum AlibiSlopes
{
    /// <summary>Generation of mpt-1b: 2^(−max·j/heads) for any head count.</summary>
    MosaicGpt,

    /// <summary>Generation of mpt-7b: slopes for the next power of two, odd positions first, cut to the head count.</summary>
    Mpt,
}
