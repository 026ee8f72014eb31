namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>How the addresses of one warp access lie; the frequent ones have short ways.</summary>
internal enum AddressPattern
{
    /// <summary>Anything.</summary>
    Scattered,

    /// <summary>All 32 lanes, each right behind the one before.</summary>
    Contiguous,

    /// <summary>Every lane that takes part has the same address.</summary>
    Uniform,
}
