using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Looks for unordered accesses of global memory within one launch, see <see cref="RaceRecord"/>: of every cell the
/// last write and all reads that nothing ordered since. Each worker of a launch has its own.
/// </summary>
internal sealed unsafe class GlobalRaces(int launch, int worker, bool blocksCommunicate, bool isEnabled)
{
    private const int PageMask = (1 << RacePage.ByteShift) - 1;

    /// <summary>Published knowledge by address.</summary>
    private readonly Dictionary<ulong, Knowledge> _released = [];
    private readonly ReaderSets _sets = new(launch, blocksCommunicate);
    private readonly ulong _oldest = (ulong)launch << RaceRecord.LaunchShift;

    /// <summary>Pages that were written.</summary>
    public List<(Allocation Allocation, int Page)> Written { get; } = [];

    public Knowledge? ReleasedAt(ulong address) => _released.GetValueOrDefault(address);

    public void Publish(ulong address, Knowledge knowledge) =>
        _released[address] = Knowledge.Join(_released.GetValueOrDefault(address), knowledge)!;

    /// <summary>Checks the access at <see cref="Warp.Addresses"/>, all of it in one allocation.</summary>
    public void Check(Warp warp, Op op, uint mask, Allocation allocation, int bytes, Access access)
    {
        if (!isEnabled || allocation.IsReadOnly) return;
        if (mask == Warp.Full && warp.Pattern == AddressPattern.Contiguous && access is Access.Read or Access.Write
            && IsPlain(warp, allocation, bytes, access))
        {
            return;
        }

        // Of lanes that read one address, two tell as much as all.
        if (warp.Pattern == AddressPattern.Uniform && access == Access.Read)
        {
            var others = mask & (mask - 1);
            mask ^= others & (others - 1);
        }

        if (access == Access.Read) mask = RecordPlainReads(warp, mask, allocation, bytes);
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            Check(warp, op, lane, allocation, (long)(warp.Addresses[lane] - allocation.Start), bytes, access);
        }
    }

    /// <summary>
    /// Checks one access of at most 16 bytes against those before it and records it. Allocations start on large bounds,
    /// so an aligned access never crosses a page.
    /// </summary>
    public void Check(Warp warp, Op op, int lane, Allocation allocation, long offset, int bytes, Access access)
    {
        if (!isEnabled || allocation.IsReadOnly) return;
        var page = PageOf(allocation, offset, BitOperations.TrailingZeroCount((uint)offset | (uint)bytes | 16));
        var first = ((int)offset & PageMask) >> page.CellShift;
        var own = RaceRecord.Of(warp, launch) | ((ulong)lane << RaceRecord.LaneShift);
        for (var (cell, end) = (first, first + (bytes >> page.CellShift)); cell < end; cell++)
        {
            var written = page.Writes[cell];
            if (written >= _oldest && !MayMeet(warp, lane, written, access))
            {
                Report(warp, op, lane, allocation.Start + (ulong)offset, access, "a write", written);
            }

            if (access == Access.Read)
            {
                ref var read = ref page.Reads[cell];
                if (read < _oldest) read = own;
                else if (read != own && RaceRecord.Kind(read) != RaceRecord.SeveralBlocks)
                {
                    read = _sets.Join(warp, lane, read, own);
                }
            }
            else if (access != Access.StrongRead)
            {
                var read = page.Reads[cell];
                if (read >= _oldest && MeetsReader(warp, lane, read) is { } reader)
                {
                    Report(warp, op, lane, allocation.Start + (ulong)offset, access, "a read", reader);
                }

                page.Writes[cell] = own | (access == Access.StrongWrite ? RaceRecord.Strong : 0);
                NoteWrite(page, allocation, offset);
            }
        }
    }

    /// <summary>
    /// Records a contiguous access of all lanes when that needs no thought: cells that nobody or only the same thread
    /// touched before, and reads of what several blocks read. False when something was left to do; doing it all again
    /// does no harm.
    /// </summary>
    private bool IsPlain(Warp warp, Allocation allocation, int bytes, Access access)
    {
        var offset = (long)(warp.Addresses[0] - allocation.Start);
        var page = PageOf(allocation, offset, BitOperations.TrailingZeroCount((uint)offset | (uint)bytes | 16));
        var first = ((int)offset & PageMask) >> page.CellShift;
        var cells = Warp.Size * bytes >> page.CellShift;
        if (first + cells > 1 << (RacePage.ByteShift - page.CellShift) || cells < Warp.Size) return false;
        var perLane = BitOperations.Log2((uint)(cells / Warp.Size));
        var oldest = Vector256.Create(_oldest);
        var now = Vector256.Create(RaceRecord.Of(warp, launch));
        var index = Vector256.Create(0UL, 1, 2, 3);
        var isRead = access == Access.Read;
        for (var cell = 0; cell < cells; cell += Vector256<ulong>.Count, index += Vector256.Create(4UL))
        {
            var read = page.Reads + first + cell;
            var write = page.Writes + first + cell;
            var own = now | ((index >>> perLane) << RaceRecord.LaneShift);
            if (!IsOwn(Vector256.Load(write), own, oldest).Equals(Vector256<ulong>.AllBitsSet)) return false;
            var held = Vector256.Load(read);
            var isOwn = IsOwn(held, own, oldest);
            if (isRead)
            {
                var isSeveral = Vector256.Equals(
                    held & Vector256.Create(RaceRecord.KindMask), Vector256.Create(RaceRecord.SeveralBlocks));
                if ((isOwn | isSeveral) != Vector256<ulong>.AllBitsSet) return false;
                Vector256.ConditionalSelect(isOwn, own, held).Store(read);
            }
            else
            {
                if (isOwn != Vector256<ulong>.AllBitsSet) return false;
                own.Store(write);
            }
        }

        if (!isRead) NoteWrite(page, allocation, offset);
        return true;
    }

    /// <summary>As <see cref="IsPlain"/>, lane by lane, for reads of one cell each; the lanes left to do.</summary>
    private uint RecordPlainReads(Warp warp, uint mask, Allocation allocation, int bytes)
    {
        var now = RaceRecord.Of(warp, launch);
        var left = mask;
        RacePage? page = null;
        var pageStart = long.MinValue;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var offset = (long)(warp.Addresses[lane] - allocation.Start);
            if (page is null || offset - pageStart > PageMask || offset < pageStart)
            {
                page = PageOf(allocation, offset, BitOperations.TrailingZeroCount((uint)offset | (uint)bytes | 16));
                pageStart = offset & ~(long)PageMask;
            }

            if (1 << page.CellShift != bytes) return left;
            var cell = (int)(offset - pageStart) >> page.CellShift;
            ref var read = ref page.Reads[cell];
            var own = now | ((ulong)lane << RaceRecord.LaneShift);
            var written = page.Writes[cell];
            if (written >= _oldest && ((written ^ own) & RaceRecord.ThreadMask) != 0) continue;
            if (read < _oldest || ((read ^ own) & RaceRecord.ThreadMask) == 0) read = own;
            else if (RaceRecord.Kind(read) != RaceRecord.SeveralBlocks) continue;
            left &= ~(1u << lane);
        }

        return left;
    }

    /// <summary>Where a record is of an earlier launch or of the thread that comes now.</summary>
    private static Vector256<ulong> IsOwn(Vector256<ulong> held, Vector256<ulong> own, Vector256<ulong> oldest) =>
        Vector256.LessThan(held, oldest)
        | Vector256.Equals((held ^ own) & Vector256.Create(RaceRecord.ThreadMask), Vector256<ulong>.Zero);

    private void NoteWrite(RacePage page, Allocation allocation, long offset)
    {
        if (page.IsWritten) return;
        page.IsWritten = true;
        Written.Add((allocation, (int)(offset >> RacePage.ByteShift)));
    }

    private RacePage PageOf(Allocation allocation, long offset, int shift)
    {
        ref var page = ref allocation.PagesOf(worker)[(int)(offset >> RacePage.ByteShift)];
        page ??= new RacePage();
        if (page.Launch != launch) page.Begin(launch, shift);
        else if (shift < page.CellShift) page.Split(shift);
        return page;
    }

    private static bool MayMeet(Warp warp, int lane, ulong written, Access access)
    {
        var isStrong = access is Access.StrongRead or Access.StrongWrite && (written & RaceRecord.Strong) != 0;
        return isStrong || RaceRecord.IsOrdered(warp, lane, written & ~RaceRecord.KindMask);
    }

    /// <summary>A reader that nothing ordered before a write by the lane, or null.</summary>
    private ulong? MeetsReader(Warp warp, int lane, ulong read)
    {
        switch (RaceRecord.Kind(read))
        {
            case RaceRecord.SeveralBlocks:
                // Of a set that grew too large nothing is known: a writer that learnt anything gets the benefit.
                return blocksCommunicate && warp.Known is not null ? null : read;
            case RaceRecord.Set:
                foreach (var reader in _sets.Of(read))
                {
                    if (!RaceRecord.IsOrdered(warp, lane, reader)) return reader;
                }

                return null;
            default:
                return RaceRecord.IsOrdered(warp, lane, read) ? null : read;
        }
    }

    private static void Report(Warp warp, Op op, int lane, ulong address, Access access, string what, ulong record)
    {
        var own = access is Access.Read or Access.StrongRead ? "this read" : "this write";
        warp.Report(FindingKind.Race, op, lane, address,
            $"nothing orders {own} of global memory after {what} by {RaceRecord.Describe(record)}.");
    }
}
