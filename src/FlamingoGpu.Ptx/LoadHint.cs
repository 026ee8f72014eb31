namespace FlamingoGpu.Ptx;

/// <summary>
/// What a global load tells the caches. Anything but <see cref="None"/> and a bare <see cref="NonCoherent"/> needs PTX
/// ISA 7.4 and raises the kernel's version to it.
/// </summary>
/// <param name="NonCoherent"><c>.nc</c>: the memory is not written by anyone during the kernel.</param>
/// <param name="L1">Eviction priority in the first-level cache.</param>
/// <param name="PrefetchBytes"><c>.L2::64B/128B/256B</c>: how much to bring into the second level; 0 leaves it
/// open.</param>
/// <param name="Policy">A policy for the second level made by <see cref="Isa.CreatepolicyFractionalL2"/>.</param>
public readonly record struct LoadHint(
    bool NonCoherent = false, L1Eviction L1 = L1Eviction.Unspecified, int PrefetchBytes = 0, U64? Policy = null)
{
    /// <summary>A plain load.</summary>
    public static LoadHint None => default;

    /// <summary>
    /// Data read once by the whole kernel, such as weights: past the first level, in whole 128-byte lines.
    /// </summary>
    public static LoadHint Stream => new(true, L1Eviction.NoAllocate, 128);
}
