namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>How a mutant ended.</summary>
public enum Fate
{
    /// <summary>A check of the virtual GPU spoke.</summary>
    KilledByCheck,

    /// <summary>All checks were silent, but the result is wrong.</summary>
    KilledByResult,

    /// <summary>Nothing tells it from the kernel.</summary>
    Survived,
}
