namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// An access of a cell of global memory in 64 bits: launch (11 bits), block (20), warp (5), lane (5), clock of the warp
/// (21) and a kind. Later launches have larger records; those of earlier launches mean nothing.
/// </summary>
internal static class RaceRecord
{
    public const int LaunchLimit = 1 << 11;
    public const int BlockLimit = 1 << 20;
    public const int LaunchShift = 53;
    public const int LaneShift = 23;

    /// <summary>Of a read: several blocks read the cell, and none can have told another, so any write meets
    /// one.</summary>
    public const ulong SeveralBlocks = 1;

    /// <summary>Of a read: several lanes of the warp read at this clock.</summary>
    public const ulong SeveralLanes = 2;

    /// <summary>Of a read: the bits between launch and kind name a <see cref="ReaderSets"/> entry.</summary>
    public const ulong Set = 3;

    /// <summary>Of a write: it was a strong one.</summary>
    public const ulong Strong = 2;

    public const ulong KindMask = 3;

    /// <summary>All bits but the clock: equal in records of one thread, when the kinds are too.</summary>
    public const ulong ThreadMask = ~((ulong)Warp.ClockMask << ClockShift);

    private const int BlockShift = 33;
    private const int WarpShift = 28;
    private const int ClockShift = 2;

    public static ulong Of(Warp warp, int launch) =>
        ((ulong)launch << LaunchShift) | ((ulong)warp.Block.Index << BlockShift) | ((ulong)warp.Index << WarpShift)
        | ((ulong)warp.Clock << ClockShift);

    public static ulong OfSet(int launch, int index) =>
        ((ulong)launch << LaunchShift) | ((ulong)index << ClockShift) | Set;

    public static int SetIndex(ulong record) => (int)(record >> ClockShift);

    public static ulong Kind(ulong record) => record & KindMask;

    public static int Block(ulong record) => (int)(record >> BlockShift) & (BlockLimit - 1);

    public static int WarpOf(ulong record) => (int)(record >> WarpShift) & 31;

    public static int Lane(ulong record) => (int)(record >> LaneShift) & 31;

    public static uint Clock(ulong record) => (uint)(record >> ClockShift) & Warp.ClockMask;

    /// <summary>True when both are of one warp at one clock.</summary>
    public static bool IsSameMoment(ulong left, ulong right) =>
        ((left ^ right) & ~((31UL << LaneShift) | KindMask)) == 0;

    /// <summary>True when what a record tells happened before what the lane does now.</summary>
    public static bool IsOrdered(Warp warp, int lane, ulong record)
    {
        if (Block(record) != warp.Block.Index)
        {
            return warp.Known is { } known && known.Covers(Block(record), WarpOf(record), Clock(record));
        }

        if (WarpOf(record) != warp.Index) return Clock(record) <= warp.Clocks[WarpOf(record)];
        return Clock(record) < warp.Clock || (Lane(record) == lane && Kind(record) != SeveralLanes);
    }

    public static string Describe(ulong record) =>
        $"block {Block(record)} warp {WarpOf(record)} lane {Lane(record)}";
}
