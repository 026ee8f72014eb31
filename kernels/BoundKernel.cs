namespace FlamingoGpu.Kernels;

/// <summary>
/// A kernel chosen for an op at certain shapes and tied to the memory of its inputs and output. Running allocates
/// nothing. Not safe for concurrent use.
/// </summary>
public abstract class BoundKernel
{
    /// <summary>Which variant was chosen, for example <c>gemv-bf16-groups</c>; printed by plans and profiles.</summary>
    public abstract string Variant { get; }

    /// <summary>The GPU launches behind it, in order; none on the cpu.</summary>
    public virtual IReadOnlyList<GpuLaunch> Launches => [];

    /// <summary>Runs (cpu) or enqueues (gpu) the kernel.</summary>
    public abstract void Run();
}
