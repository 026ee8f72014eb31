using System.Globalization;

namespace FlamingoGpu.Kernels;

/// <summary>How many queries and keys a block of the tensor-core attention takes at a time.</summary>
/// <param name="RowsPerWarp">Queries of a warp, 16 or 32; with 32 each value read from shared memory serves
/// twice.</param>
/// <param name="Keys">Keys of a tile, a multiple of 16.</param>
/// <param name="Stages">Stages of the ring.</param>
internal readonly record struct AttentionTile(int RowsPerWarp, int Keys, int Stages)
{
    /// <summary>Warps of a block.</summary>
    public const int Warps = 4;

    /// <summary>Queries of a block.</summary>
    public int Queries => Warps * RowsPerWarp;

    /// <summary>
    /// The tile for a call: 128 queries where they fill the device twice and waste little, 64 otherwise; as many keys
    /// as leave the scores and sums of 128 threads in fewer than 200 registers.
    /// </summary>
    public static AttentionTile For(AttentionCall call, int multiprocessors)
    {
        var queries = call.Queries.Shape[1];
        var (rows64, rows128) = ((queries + 63) / 64 * 64, (queries + 127) / 128 * 128);
        var isLarge = call.HeadDim <= 96 && rows128 * 4 <= rows64 * 5
            && rows128 / 128 * call.Heads * call.Queries.Shape[0] >= 2L * multiprocessors;
        return isLarge ? new AttentionTile(32, 32, 4) : new AttentionTile(16, 64, call.HeadDim <= 64 ? 3 : 2);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Queries}x{Keys}");
}
