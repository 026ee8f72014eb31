using FlamingoGpu.Models;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>What a GPU bench measures.</summary>
public sealed record GpuBenchOptions
{
    /// <summary>As on the command line: <c>cuda</c>, <c>virtual</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Shape of the model; its weights are random bf16.</summary>
    public required FlamingoConfig Config { get; init; }

    /// <summary>Small shapes and the tiny model only, as for a dry run.</summary>
    public bool IsSmall { get; init; }

    /// <summary>File with figures of other libraries on the same machine, or null.</summary>
    public string? Peers { get; init; }

    /// <summary>
    /// Parts to leave out: <see cref="BenchParts.Gemm"/> (all single kernels), <see cref="BenchParts.Model"/>.
    /// </summary>
    public BenchParts Skip { get; init; }

    /// <summary>Folder for the weights, or null for the system's temporary folder; deleted afterwards.</summary>
    public string? WorkFolder { get; init; }
}
