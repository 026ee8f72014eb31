using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Looks for unordered accesses of global memory within one launch, see <see cref="RacePage"/>. A write record's flag
/// marks a strong access; a read record's flags say that several lanes or warps, or several blocks, read the cell. Of
/// several readers only the last is known exactly, so one schedule may miss a race that another shows.
/// </summary>
internal sealed unsafe class GlobalRaces(int launch, int cellShift, bool isEnabled)
{
    public const int LaunchLimit = 1 << 11;
    public const int BlockLimit = 1 << 20;

    private const int LaunchShift = 53;
    private const int BlockShift = 33;
    private const int WarpShift = 28;
    private const int LaneShift = 23;
    private const int ClockShift = 2;
    private const ulong Several = 2;
    private const ulong SeveralBlocks = 1;
    private const ulong Strong = 2;

    /// <summary>Published knowledge by address.</summary>
    private readonly Dictionary<ulong, Knowledge> _released = [];

    public Knowledge? ReleasedAt(ulong address) => _released.GetValueOrDefault(address);

    public void Publish(ulong address, Knowledge knowledge) =>
        _released[address] = Knowledge.Join(_released.GetValueOrDefault(address), knowledge)!;

    /// <summary>
    /// Checks one aligned access of at most 16 bytes against those before it and records it. Allocations start on large
    /// bounds, so such an access never crosses a page.
    /// </summary>
    public void Check(Warp warp, Op op, int lane, Allocation allocation, long offset, int bytes, Access access)
    {
        if (!isEnabled) return;
        ref var slot = ref allocation.Races[(int)(offset >> RacePage.ByteShift)];
        var page = slot;
        if (page is null || page.CellShift != cellShift)
        {
            page?.Dispose();
            page = slot = new RacePage(cellShift);
        }

        var inPage = (int)offset & ((1 << RacePage.ByteShift) - 1);
        var first = inPage >> cellShift;
        var last = (inPage + bytes - 1) >> cellShift;
        var own = Stamp(warp, lane);
        var isStrong = access is Access.StrongRead or Access.StrongWrite;
        for (var cell = first; cell <= last; cell++)
        {
            var written = page.Writes[cell];
            if (IsOfThisLaunch(written) && (written ^ own) >> LaneShift != 0 && !IsOrdered(warp, lane, written)
                && !(isStrong && (written & Strong) != 0))
            {
                Report(warp, op, lane, allocation.Start + (ulong)offset, access, "a write", written);
            }

            if (access == Access.Read)
            {
                ref var read = ref page.Reads[cell];
                read = IsOfThisLaunch(read) ? Joined(warp, lane, read, own) : own;
            }
            else if (access != Access.StrongRead)
            {
                var read = page.Reads[cell];
                if (IsOfThisLaunch(read) && MeetsReader(warp, lane, read))
                {
                    Report(warp, op, lane, allocation.Start + (ulong)offset, access, "a read", read);
                }
                page.Writes[cell] = own | (access == Access.StrongWrite ? Strong : 0);
            }
        }
    }

    private static int Block(ulong record) => (int)(record >> BlockShift) & (BlockLimit - 1);

    private static int WarpOf(ulong record) => (int)(record >> WarpShift) & 31;

    private static int Lane(ulong record) => (int)(record >> LaneShift) & 31;

    private static uint Clock(ulong record) => (uint)(record >> ClockShift) & Warp.ClockMask;

    private ulong Stamp(Warp warp, int lane) =>
        ((ulong)launch << LaunchShift) | ((ulong)warp.Block.Index << BlockShift) | ((ulong)warp.Index << WarpShift)
        | ((ulong)lane << LaneShift) | ((ulong)warp.Clock << ClockShift);

    private bool IsOfThisLaunch(ulong record) => record >> LaunchShift == (ulong)launch;

    /// <summary>The new reader's record, with flags that tell of the readers before.</summary>
    private static ulong Joined(Warp warp, int lane, ulong record, ulong own)
    {
        var flags = record & (Several | SeveralBlocks);
        if (Block(record) != warp.Block.Index) flags |= Several | SeveralBlocks;
        else if (WarpOf(record) != warp.Index || Lane(record) != lane) flags |= Several;
        return own | flags;
    }

    private static bool MeetsReader(Warp warp, int lane, ulong read)
    {
        var isForeign = Block(read) != warp.Block.Index || (read & SeveralBlocks) != 0;
        if (isForeign)
        {
            // Which of several blocks read is not known: a writer that learnt of any other block gets the benefit.
            return (read & SeveralBlocks) != 0 ? warp.Known is null : !IsOrdered(warp, lane, read);
        }

        if (WarpOf(read) == warp.Index && Clock(read) == warp.Clock) return (read & Several) != 0 || Lane(read) != lane;
        return !IsOrdered(warp, lane, read);
    }

    private static bool IsOrdered(Warp warp, int lane, ulong record)
    {
        if (Block(record) != warp.Block.Index)
        {
            return warp.Known is { } known && known.Covers(Block(record), WarpOf(record), Clock(record));
        }

        return WarpOf(record) == warp.Index
            ? Lane(record) == lane || Clock(record) < warp.Clock
            : Clock(record) <= warp.Clocks[WarpOf(record)];
    }

    private static void Report(Warp warp, Op op, int lane, ulong address, Access access, string what, ulong record)
    {
        var own = access is Access.Read or Access.StrongRead ? "this read" : "this write";
        warp.Report(FindingKind.Race, op, lane, address, $"nothing orders {own} of global memory after {what} by block "
            + $"{Block(record)} warp {WarpOf(record)} lane {Lane(record)}.");
    }
}
