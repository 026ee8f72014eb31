namespace FlamingoGpu.Runtime.Gpu;

/// <summary>What a GPU is, as its driver tells.</summary>
public sealed record GpuProperties
{
    /// <summary><c>cuda</c> or <c>virtual</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the card.</summary>
    public required string Name { get; init; }

    /// <summary>Compute capability, major part: 8 for sm_80.</summary>
    public required int ComputeMajor { get; init; }

    /// <summary>Compute capability, minor part.</summary>
    public required int ComputeMinor { get; init; }

    /// <summary>Whether it has the matrix instructions of <c>sm_90a</c>, which no other capability has.</summary>
    public bool HasWarpgroups => (ComputeMajor, ComputeMinor) == (9, 0);

    /// <summary>CUDA version of the driver as it counts: 13000 for 13.0; 0 for the virtual GPU.</summary>
    public int DriverVersion { get; init; }

    /// <summary>
    /// Whether a kernel can be launched before its predecessor is done, see <see cref="GpuLaunchShape.StartsEarly"/>:
    /// from compute capability 9.0 on.
    /// </summary>
    public bool HasDependentLaunch { get; init; }

    /// <summary>Multiprocessors.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Threads one multiprocessor keeps.</summary>
    public int ThreadsPerMultiprocessor { get; init; } = 2048;

    /// <summary>Shared memory a block can have at most, in bytes, with opt-in.</summary>
    public required int SharedBytesPerBlock { get; init; }

    /// <summary>Level-2 cache in bytes.</summary>
    public long CacheBytes { get; init; }

    /// <summary>Device memory in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Clock of the multiprocessors in kHz, 0 when unknown.</summary>
    public int ClockKilohertz { get; init; }

    /// <summary>Peak rate of device memory in bytes a second, from bus width and clock; 0 when unknown.</summary>
    public double MemoryBytesPerSecond { get; init; }
}
