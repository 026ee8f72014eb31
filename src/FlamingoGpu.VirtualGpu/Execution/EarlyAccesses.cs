using System.Numerics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// What warps do before they wait for the kernels in front of theirs: no writes, and no reads of what those kernels
/// wrote. A launch that waits for all work by itself begins a new chain: nothing was written in it so far.
/// </summary>
internal static class EarlyAccesses
{
    /// <summary>Notes a write for the launches behind; checks the access of a warp that has not waited.</summary>
    public static unsafe void Check(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        var chain = warp.Block.Run.Chain.Number;
        if (chain == 0) return;
        var isWrite = access is Access.Write or Access.StrongWrite;
        if (!isWrite && warp.HasWaited) return;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var address = warp.Addresses[lane];
            var allocation = warp.AllocationOf(lane);
            if (allocation.IsReadOnly) continue;
            var written = allocation.ChainWrites;
            var offset = (long)(address - allocation.Start);
            if (isWrite) written.Mark(chain, offset, bytes);
            if (warp.HasWaited) continue;
            if (isWrite)
                warp.Report(FindingKind.EarlyAccess, op, lane, address,
                    "this write stands before griddepcontrol.wait: a kernel in front may still read here.");
            else if (written.Overlaps(chain, offset, bytes))
                warp.Report(FindingKind.EarlyAccess, op, lane, address,
                    "this read stands before griddepcontrol.wait, and a kernel in front wrote these bytes.");
        }
    }

    /// <summary>
    /// Checks a lane's prefetch, aligned to 16 bytes: before the wait only of what no kernel in front wrote.
    /// </summary>
    public static unsafe void CheckPrefetch(Warp warp, Op op, int lane, Allocation allocation, int bytes)
    {
        const int piece = 16;
        var chain = warp.Block.Run.Chain.Number;
        if (chain == 0 || warp.HasWaited || allocation.IsReadOnly) return;
        var offset = (long)(warp.Addresses[lane] - allocation.Start);
        for (var end = offset + bytes; offset < end; offset += piece)
        {
            if (!allocation.ChainWrites.Overlaps(chain, offset, piece)) continue;
            warp.Report(FindingKind.EarlyAccess, op, lane, warp.Addresses[lane],
                "this prefetch stands before griddepcontrol.wait, and a kernel in front wrote these bytes.");
            return;
        }
    }

    /// <summary>Checks that a warp which ends has waited: else the kernels behind would not wait for those in
    /// front.</summary>
    public static void CheckEnd(Warp warp, Op op)
    {
        if (!warp.HasWaited)
            warp.Report(FindingKind.EarlyAccess, op, -1, 0, "threads end here without griddepcontrol.wait.");
    }
}
