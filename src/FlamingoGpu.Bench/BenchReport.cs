using FlamingoGpu.Core;

namespace FlamingoGpu.Bench;

/// <summary>Everything a run found out. Only made when the model's results were right.</summary>
public sealed record BenchReport
{
    /// <summary>The machine.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>When it was measured.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Name of the model's shape.</summary>
    public required string Shape { get; init; }

    /// <summary>Type of the weights.</summary>
    public required DType WeightType { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required int Context { get; init; }

    /// <summary>Images in the prompt.</summary>
    public required int Images { get; init; }

    /// <summary>Parameters of the whole model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Parameters one decode step must read.</summary>
    public required long DecodeParameters { get; init; }

    /// <summary>Limits of the machine by key, such as <c>memory_read_gb_s</c>.</summary>
    public required IReadOnlyDictionary<string, Samples> Probes { get; init; }

    /// <summary>What was compared with a naive calculation before anything was measured, and how far it was off.</summary>
    public required IReadOnlyList<string> Checks { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<BenchRow> Rows { get; init; }

    /// <summary>Time by kernel and shape; empty when skipped.</summary>
    public required IReadOnlyList<OperationTime> Operations { get; init; }

    /// <summary>
    /// Weight bytes a decode step must read, per second, as a share of the memory read bandwidth measured beside it.
    /// </summary>
    public double? DecodeBandwidth { get; init; }

    /// <summary>Speed relative to OpenBLAS' sgemm, f32 weights, one thread, by <see cref="GemmShape"/>.</summary>
    public required IReadOnlyDictionary<GemmShape, double?> GemmOpenBlas { get; init; }

    /// <summary>The same with the bench's weights in bf16; OpenBLAS multiplies the same numbers in f32.</summary>
    public required IReadOnlyDictionary<GemmShape, double?> GemmOpenBlasBf16 { get; init; }

    /// <summary>Version and build of OpenBLAS, or null when it was not loaded.</summary>
    public string? Peer { get; init; }

    /// <summary>Peak resident set of a process that generates, as a multiple of the weights' bytes.</summary>
    public double? PeakMemory { get; init; }

    /// <summary>Why a ratio is null, by the ratio's key.</summary>
    public required IReadOnlyDictionary<string, string> Reasons { get; init; }

    /// <summary>Geometric mean, or null unless all ratios are there.</summary>
    public static double? GeometricMean(IEnumerable<double?> ratios)
    {
        var all = ratios.ToList();
        if (all.Count == 0 || all.Contains(null)) return null;
        return Math.Exp(all.Average(ratio => Math.Log(ratio!.Value)));
    }
}
