namespace FlamingoGpu.Runtime.Cuda;

/// <summary>A card, as seen without opening it.</summary>
public sealed record CudaDeviceInfo
{
    /// <summary>Its number, counted from 0 over the visible cards.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Name of the card.</summary>
    public required string Name { get; init; }

    /// <summary>Compute capability, major part.</summary>
    public required int ComputeMajor { get; init; }

    /// <summary>Compute capability, minor part.</summary>
    public required int ComputeMinor { get; init; }

    /// <summary>Device memory in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Place on the bus, <c>0000:1b:00.0</c>; names the card to NVML.</summary>
    public required string BusId { get; init; }

    /// <summary>Why it cannot be used, or null.</summary>
    public string? Missing =>
        ComputeMajor >= 8
            ? null
            : $"{Name} has compute capability {ComputeMajor}.{ComputeMinor}; 8.0 (Ampere) or newer is needed.";

    /// <summary><c>CUdevice</c>.</summary>
    internal int Handle { get; init; }
}
