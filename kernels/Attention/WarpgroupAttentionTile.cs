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

    /// <summary>The tile for a call; null where the kernel does not fit or has too little to do.</summary>
    public static WarpgroupAttentionTile? For(AttentionCall call) =>
        call.Keys is CausalKeys && call.Queries.Shape[1] > 64 ? new(2, 128, 2) : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Queries}x{Keys}x{Stages}");
}
