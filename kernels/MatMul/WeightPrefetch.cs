using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// What a block does for the rows of w that it cannot hold in registers yet: while it waits for the kernel in front, the
/// second-level cache reads them, so that memory does not idle from one kernel to the next.
/// </summary>
internal static class WeightPrefetch
{
    /// <summary>Bytes that rows must be aligned to.</summary>
    public const int Granule = 16;

    /// <summary>
    /// Most bytes a block asks for; about 500 blocks wait at a time, and all they ask for has to fit the cache.
    /// </summary>
    private const int MostBytes = 64 << 10;

    /// <summary>Asks for a block's rows, a thread for each, without waiting.</summary>
    /// <param name="w">The matrix; rows aligned to <see cref="Granule"/>.</param>
    /// <param name="pitch">Elements from row to row.</param>
    /// <param name="first">The block's first row.</param>
    /// <param name="end">Rows of w.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="count">Rows of the block.</param>
    /// <param name="startedRows">So many of them are being loaded already,</param>
    /// <param name="startedLength">as far as this element.</param>
    public static void Rows(
        FloatPtr w, S64 pitch, S32 first, S32 end, S32 length, int count, int startedRows, int startedLength)
    {
        count = Math.Min(count, BlockDim.X);
        var warps = BlockDim.X / 32;
        var row = LaneId * warps + WarpId; // a warp asks for one after the other
        var start = count > startedRows ? Select(row < startedRows, startedLength, (S32)0) : startedLength;
        var bytes = (length - start) * w.ElementBytes;
        var isWanted = (row < count) & (first + row < end) & (bytes > 0) & (row * bytes < MostBytes);
        When(isWanted, () =>
        {
            var from = w + ((first + row).ToS64() * pitch + start.ToS64());
            Isa.CpAsyncBulkPrefetchL2(from.As<B32>(), bytes);
        });
    }
}
