namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>How a mutant ended.</summary>
public enum Fate
{
    /// <summary>A check of the virtual GPU spoke.</summary>
    KilledByCheck,

    /// <summary>All checks were silent, but the result is wrong.</summary>
    KilledByResult,

    /// <summary>
    /// All checks were silent and the result is right, but a launch moved more bytes of global memory or made more
    /// accesses of any memory than the kernel's, or executed more than 1.05 times its instructions: what a kernel saves
    /// is part of what it promises.
    /// </summary>
    KilledByCount,

    /// <summary>Nothing tells it from the kernel.</summary>
    Survived,
}
