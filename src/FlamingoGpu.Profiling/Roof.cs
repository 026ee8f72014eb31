using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Profiling;

/// <summary>The limits of a device that a roofline is drawn with.</summary>
/// <param name="BytesPerSecond">Rate of device memory.</param>
/// <param name="FlopsPerSecond">Peak of f32 multiply-adds.</param>
/// <param name="TensorFlopsPerSecond">Peak of dense 16-bit tensor-core products with f32 sums; that of multiply-adds
/// where there are no tensor cores.</param>
public sealed record Roof(double BytesPerSecond, double FlopsPerSecond, double TensorFlopsPerSecond)
{
    /// <summary>
    /// From what a GPU states: multiprocessors × clock × operations of one multiprocessor a clock, which are (tensor,
    /// f32) 2048 and 128 for compute capability 8.0, 512 and 256 for 8.6 and 8.9, and 4096 and 256 for 9.0.
    /// </summary>
    /// <returns>Null when clock or memory rate are unknown, or the compute capability is another.</returns>
    public static Roof? Of(GpuProperties properties)
    {
        (double Tensor, double MultiplyAdd)? perClock = (properties.ComputeMajor, properties.ComputeMinor) switch
        {
            (8, 0) => (2048, 128),
            (8, 6) or (8, 9) => (512, 256),
            (9, 0) => (4096, 256),
            _ => null,
        };
        if (perClock is not { } rates || properties.ClockKilohertz <= 0
            || properties.MemoryBytesPerSecond <= 0) return null;
        var clocks = properties.ClockKilohertz * 1e3 * properties.Multiprocessors;
        return new Roof(properties.MemoryBytesPerSecond, clocks * rates.MultiplyAdd, clocks * rates.Tensor);
    }

    /// <summary>Fewest seconds for some work: the larger of its bytes' and its operations' time.</summary>
    public double LeastSeconds(long flops, long bytes, bool usesTensorCores) =>
        Math.Max(bytes / BytesPerSecond, flops / (usesTensorCores ? TensorFlopsPerSecond : FlopsPerSecond));
}
