namespace FlamingoGpu.VirtualGpu;

/// <summary>How adversarial a virtual device is.</summary>
public sealed record VirtualDeviceOptions
{
    /// <summary>Seed of the warp and block order; the same seed gives the same run.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// How many seeds every launch is run with, from <see cref="Seed"/> upwards, each from the same memory; different
    /// bytes afterwards are a <see cref="FindingKind.Nondeterminism"/>. 1 runs once. Each further seed costs one run
    /// and a copy of all writable memory.
    /// </summary>
    public int SeedCount { get; init; } = 1;

    /// <summary>
    /// True to look for races in global memory; costs 1 to 16 bytes for each byte a kernel touches, more where its
    /// accesses are narrow.
    /// </summary>
    public bool ChecksGlobalRaces { get; init; } = true;

    /// <summary>
    /// True for a device that launches kernels before their predecessor is done, as compute capability 9.0 does: what
    /// they touch before they wait is checked (<see cref="FindingKind.EarlyAccess"/>). Below 9.0 a driver has none.
    /// </summary>
    public bool HasDependentLaunch { get; init; } = true;

    /// <summary>
    /// Threads among which the blocks of a launch are dealt out, at most 16. Results and findings depend on it as they
    /// depend on the seed, not on timing: kernels whose blocks can meet (atomics, fences, strong accesses of global
    /// memory) run on one, and a race between blocks of different workers makes the launch run once more on one, to
    /// name its lines. A kernel with such a race may leave other bytes each time.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>Blocks of a worker that run interleaved; the others wait for a free place, in random order.</summary>
    public int ResidentBlocks { get; init; } = 4;

    /// <summary>Warp instructions a worker may execute before the launch is taken for an endless loop.</summary>
    public long InstructionBudget { get; init; } = 20_000_000_000;

    /// <summary>Bytes that can be allocated together.</summary>
    public long MemoryByteLength { get; init; } = 16L << 30;

    /// <summary>
    /// Compute capability: 9 for 9.0, which also runs texts for <c>sm_90a</c>, or 8 for 8.0.
    /// </summary>
    public int ComputeMajor { get; init; } = 9;

    /// <summary>Largest shared memory of a block, fixed and dynamic; what the compute capability allows when not
    /// given.</summary>
    public int SharedByteLimit
    {
        get => field > 0 ? field : (ComputeMajor >= 9 ? 227 : 163) * 1024;
        init;
    }
}
