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

    /// <summary>
    /// The tile for a call, as measured on an H200 (bench/results/nvidia-h200/notes.md): causal ones take two warpgroups
    /// where that leaves a block for every multiprocessor, unmasked ones several small blocks a multiprocessor. Null where
    /// the kernel does not fit, or no block would have more than half its queries.
    /// </summary>
    public static WarpgroupAttentionTile? For(AttentionCall call, int multiprocessors)
    {
        var queries = call.Queries.Shape[1];
        if (queries <= 64) return null;
        return call.Keys switch
        {
            FullKeys => new(1, 96, 2),
            CausalKeys => new(
                (queries + 127) / 128 * call.Heads * call.Queries.Shape[0] >= multiprocessors ? 2 : 1, 128, 2),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Queries}x{Keys}x{Stages}");
}
