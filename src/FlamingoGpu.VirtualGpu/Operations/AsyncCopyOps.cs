using System.Numerics;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>
/// <c>cp.async</c>: checks both addresses now, poisons the destination now, and moves the bytes only when the thread
/// waits for their group: as late as the rules allow.
/// </summary>
internal sealed unsafe class AsyncCopyOp(
    AddressOperand destination, AddressOperand source, int bytes, Slot? sourceBytes) : Op
{
    public override void Run(Warp warp, uint mask)
    {
        var allowed = destination.Resolve(warp, this, mask, bytes, Access.AsyncWrite);
        var offsets = stackalloc uint[Warp.Size];
        for (var lane = 0; lane < Warp.Size; lane++) offsets[lane] = (uint)warp.Addresses[lane];
        var counts = stackalloc int[Warp.Size];
        var reading = CountSource(warp, allowed, counts);
        var read = ResolveSource(warp, reading, counts);
        allowed &= ~reading | read;
        for (var lanes = allowed; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            Allocation? from = null;
            long offset = 0;
            if ((read >> lane & 1) != 0)
            {
                from = warp.Block.Run.Heap.Find(warp.Addresses[lane]);
                offset = (long)(warp.Addresses[lane] - from!.Start);
            }

            warp.Block.Shared.BeginCopy(warp.Index, lane, offsets[lane], bytes);
            warp.Begin(new PendingCopy(lane, 0, offsets[lane], from, offset, counts[lane], bytes, this));
        }
    }

    private uint CountSource(Warp warp, uint mask, int* counts)
    {
        uint reading = 0;
        if (sourceBytes is { } slot)
        {
            var unknown = warp.Poison[slot.Shadow] & mask;
            if (unknown != 0) warp.ReportUninitialised(this, unknown, "the source size");
        }

        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var count = sourceBytes is { } size ? warp.R[size.Offset + lane] : (uint)bytes;
            if (count > bytes)
            {
                warp.Report(FindingKind.OutOfBounds, this, lane, 0,
                    $"the source size {count} is above the copy size {bytes}.");
                count = (uint)bytes;
            }

            counts[lane] = (int)count;
            if (count > 0) reading |= 1u << lane;
        }

        return reading;
    }

    /// <summary>A partly read source only has to exist where it is read, but its address must be aligned to the
    /// copy.</summary>
    private uint ResolveSource(Warp warp, uint reading, int* counts)
    {
        if (reading == 0) return 0;
        reading = source.Compute(warp, this, reading);
        uint whole = 0, resolved = 0;
        for (var lanes = reading; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            if (counts[lane] == bytes) whole |= 1u << lane;
        }

        if (whole != 0) resolved = MemoryUnit.ResolveGlobal(warp, this, whole, bytes, Access.Read);
        for (var lanes = reading & ~whole; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var address = warp.Addresses[lane];
            if (address % (ulong)bytes != 0)
            {
                warp.Report(FindingKind.Misaligned, this, lane, address, $"the source must be a multiple of {bytes}.");
                continue;
            }

            var isRead = true;
            for (var i = 0; i < counts[lane] && isRead; i++)
            {
                warp.Addresses[lane] = address + (ulong)i;
                isRead = MemoryUnit.ResolveGlobal(warp, this, 1u << lane, 1, Access.Read) != 0;
            }

            warp.Addresses[lane] = address;
            if (isRead) resolved |= 1u << lane;
        }

        return resolved;
    }
}

internal sealed class CommitGroupOp : Op
{
    public override void Run(Warp warp, uint mask) => warp.CommitGroup(mask);
}

/// <summary>Waits for all but the newest groups, or with -1 for everything.</summary>
internal sealed class WaitGroupOp(int allowed) : Op
{
    public override void Run(Warp warp, uint mask) => warp.WaitGroups(mask, allowed);
}
