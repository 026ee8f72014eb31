using System.Numerics;
using FlamingoGpu.VirtualGpu.Execution;

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
        if (allowed == 0) return;
        var copies = warp.TakeCopies(this, bytes);
        for (var lane = 0; lane < Warp.Size; lane++) copies.Destinations[lane] = (uint)warp.Addresses[lane];
        var reading = CountSource(warp, allowed, copies.Counts);
        allowed &= ~reading | ResolveSource(warp, reading, copies);
        warp.Block.Shared.BeginCopies(warp, allowed, copies.Destinations, bytes);
        warp.Begin(copies, allowed);
    }

    private uint CountSource(Warp warp, uint mask, int[] counts)
    {
        if (sourceBytes is not { } size)
        {
            Array.Fill(counts, bytes);
            return mask;
        }

        var unknown = warp.Poison[size.Shadow] & mask;
        if (unknown != 0) warp.ReportUninitialised(this, unknown, "the source size");
        uint reading = 0;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var count = warp.R[size.Offset + lane];
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
    private uint ResolveSource(Warp warp, uint reading, AsyncCopies copies)
    {
        if (reading == 0) return 0;
        reading = source.Compute(warp, this, reading);
        uint whole = 0, resolved = 0;
        for (var lanes = reading; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            if (copies.Counts[lane] == bytes) whole |= 1u << lane;
        }

        var partly = reading & ~whole;
        var addresses = stackalloc ulong[Warp.Size];
        for (var lane = 0; lane < Warp.Size; lane++) addresses[lane] = warp.Addresses[lane];
        if (whole != 0)
        {
            resolved = MemoryUnit.ResolveGlobal(warp, this, whole, bytes, Access.Read);
            for (var lanes = resolved; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                copies.SetSource(lane, warp.AllocationOf(lane), addresses[lane]);
            }
        }

        for (; partly != 0; partly &= partly - 1)
        {
            var lane = BitOperations.TrailingZeroCount(partly);
            if (ReadsPart(warp, lane, addresses[lane], copies)) resolved |= 1u << lane;
        }

        return resolved;
    }

    private bool ReadsPart(Warp warp, int lane, ulong address, AsyncCopies copies)
    {
        if (address % (ulong)bytes != 0)
        {
            warp.Report(FindingKind.Misaligned, this, lane, address, $"the source must be a multiple of {bytes}.");
            return false;
        }

        for (var i = 0; i < copies.Counts[lane]; i++)
        {
            warp.Addresses[lane] = address + (ulong)i;
            if (MemoryUnit.FindGlobal(warp, this, 1u << lane, 1, Access.Read) == 0) return false;
        }

        ref var counts = ref warp.CountsOf(this);
        counts.GlobalBytes += copies.Counts[lane];
        counts.Sectors++;
        counts.IdealSectors++;
        counts.Went(warp.AllocationOf(lane));
        copies.SetSource(lane, warp.AllocationOf(lane), address);
        return true;
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
