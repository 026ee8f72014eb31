using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>A place in the order of falling keys and rising ids: everything up to it is kept.</summary>
/// <param name="Key">Key of the last element kept.</param>
/// <param name="Id">Its id.</param>
internal readonly record struct RankCut(U32 Key, S32 Id)
{
    /// <summary>Keeps every element there is.</summary>
    public static RankCut All => new(1u, int.MaxValue) { IsAll = true };

    /// <summary>True, when the kernel is built, if nothing is cut: half of the comparisons fall away.</summary>
    private bool IsAll { get; init; }

    /// <summary>True for what is kept.</summary>
    public Pred Keeps(U32 key, S32 id) => IsAll ? key >= Key : (key > Key) | ((key == Key) & (id <= Id));

    /// <summary>Keeps what both keep.</summary>
    public RankCut And(RankCut other)
    {
        if (IsAll) return other;
        var isStricter = !other.Keeps(Key, Id);
        return new RankCut(Select(isStricter, other.Key, Key), Select(isStricter, other.Id, Id));
    }
}
