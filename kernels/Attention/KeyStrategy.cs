using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>
/// What differs between the attention ops: where the queries of a thread block find their keys and values, which of
/// these each query sees, and what is added to its scores. Chosen when a kernel is built; emits code only for what it
/// needs. Equal strategies have equal names.
/// </summary>
internal abstract record KeyStrategy
{
    /// <summary>Part of the kernel's name.</summary>
    public abstract string Name { get; }

    /// <summary>Declares the strategy's parameters and stages what one thread block needs to know of its
    /// keys.</summary>
    public abstract KeyScope Open(KernelBuilder k, QueryBlock block);
}
