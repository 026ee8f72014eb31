using FlamingoGpu.Kernels;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Checks;

/// <summary>One launch of a case.</summary>
/// <param name="Launch">Kernel, shape and facts.</param>
/// <param name="Report">Counts and findings of the virtual GPU; null on a real one.</param>
public sealed record LaunchResult(GpuLaunch Launch, LaunchReport? Report)
{
    /// <summary>Operands up to this size stay in the caches of a multiprocessor while a kernel runs.</summary>
    public const long CachedBytes = 64 << 10;

    /// <summary>
    /// Bytes moved from and to device memory: 32 for each sector of each request, so that repeated reads count every
    /// time, except of operands of at most <see cref="CachedBytes"/> (norm weights, the x of a single row), which count
    /// no more than once.
    /// </summary>
    public long BytesMoved { get; } = Report is null ? 0 : Report.Counters.Instructions
        .Where(i => i.GlobalSectors > 0)
        .GroupBy(i => (i.AllocationAddress, IsWrite: i.Form.StartsWith("st", StringComparison.Ordinal)))
        .Sum(Moved);

    private static long Moved(IEnumerable<InstructionCounters> instructions)
    {
        var (requested, size) = (32 * instructions.Sum(i => i.GlobalSectors), instructions.First().AllocationBytes);
        return size is > 0 and <= CachedBytes ? Math.Min(requested, size) : requested;
    }
}
