using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>One launch of a case.</summary>
/// <param name="Launch">Kernel, shape and facts.</param>
/// <param name="Report">Counts and findings of the virtual GPU; null on a real one.</param>
public sealed record LaunchResult(GpuLaunch Launch, LaunchReport? Report)
{
    /// <summary>
    /// Bytes its requests moved between the multiprocessors and the level-2 cache: 32 for each sector touched. Repeated
    /// reads count every time, so this is at least what device memory moves.
    /// </summary>
    public long BytesMoved => 32 * (Report?.Counters.GlobalSectors ?? 0);
}
