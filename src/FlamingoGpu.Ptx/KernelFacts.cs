namespace FlamingoGpu.Ptx;

/// <summary>What a kernel promises about its launches; the profiler and the checker hold it to that.</summary>
public sealed class KernelFacts
{
    /// <summary>One sentence: what the kernel computes, with its formula.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The grid for given sizes.</summary>
    public required Func<LaunchSizes, GridShape> Grid { get; init; }

    /// <summary>Floating-point operations of a launch; a multiply-add counts as two.</summary>
    public required Func<LaunchSizes, long> Flops { get; init; }

    /// <summary>
    /// Fewest bytes of global memory a launch can move: every input read once, every output written once.
    /// </summary>
    public required Func<LaunchSizes, long> Bytes { get; init; }

    /// <summary>
    /// Whether results may differ in the last bits between runs because atomics add in any order. Kernels that say
    /// no are
    /// checked to be bitwise repeatable under every schedule.
    /// </summary>
    public bool DependsOnOrder { get; init; }
}
