namespace FlamingoGpu.Ptx;

/// <summary>Eviction priority of a cache policy for the second-level cache (PTX ISA 7.4).</summary>
public enum L2Eviction
{
    /// <summary><c>.L2::evict_first</c>: data used once.</summary>
    EvictFirst,

    /// <summary><c>.L2::evict_last</c>: data to keep.</summary>
    EvictLast,

    /// <summary><c>.L2::evict_normal</c>.</summary>
    EvictNormal,

    /// <summary><c>.L2::evict_unchanged</c>.</summary>
    EvictUnchanged,
}
