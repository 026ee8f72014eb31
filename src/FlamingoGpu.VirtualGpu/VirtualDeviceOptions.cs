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

    /// <summary>True to look for races in global memory; costs 16 bytes for each 4 bytes a kernel touches.</summary>
    public bool ChecksGlobalRaces { get; init; } = true;

    /// <summary>Blocks that run interleaved; the others wait for a free place, in random order.</summary>
    public int ResidentBlocks { get; init; } = 4;

    /// <summary>Warp instructions a launch may execute before it is taken for an endless loop.</summary>
    public long InstructionBudget { get; init; } = 20_000_000_000;

    /// <summary>Bytes that can be allocated together.</summary>
    public long MemoryByteLength { get; init; } = 16L << 30;

    /// <summary>Largest shared memory of a block, fixed and dynamic; 163 KiB is what compute capability 8.0
    /// allows.</summary>
    public int SharedByteLimit { get; init; } = 163 * 1024;
}
