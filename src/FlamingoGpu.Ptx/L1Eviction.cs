namespace FlamingoGpu.Ptx;

/// <summary>Eviction priority of a load in the first-level cache (PTX ISA 7.4).</summary>
public enum L1Eviction
{
    /// <summary>Says nothing.</summary>
    Unspecified,

    /// <summary><c>.L1::evict_normal</c>.</summary>
    EvictNormal,

    /// <summary><c>.L1::evict_unchanged</c>: leaves the line's place in the order as it is.</summary>
    EvictUnchanged,

    /// <summary><c>.L1::evict_first</c>.</summary>
    EvictFirst,

    /// <summary><c>.L1::evict_last</c>.</summary>
    EvictLast,

    /// <summary><c>.L1::no_allocate</c>: does not enter the first level.</summary>
    NoAllocate,
}
