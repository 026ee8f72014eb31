using System.Globalization;

namespace FlamingoGpu.Kernels;

/// <summary>How many queries and keys a block of <see cref="AttentionWarpgroup"/> takes at a time.</summary>
/// <param name="Warpgroups">Warpgroups of a block, 64 queries each.</param>
/// <param name="Keys">Keys of a tile, a multiple of 16.</param>
/// <param name="Stages">Stages of the ring.</param>
internal readonly record struct WarpgroupAttentionTile(int Warpgroups, int Keys, int Stages)
{
    /// <summary>Queries of a block.</summary>
    public int Queries => 64 * Warpgroups;

    /// <summary>Threads of a block.</summary>
    public int Threads => 128 * Warpgroups;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Queries}x{Keys}x{Stages}");
}
