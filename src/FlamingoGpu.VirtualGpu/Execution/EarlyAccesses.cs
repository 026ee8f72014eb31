using System.Numerics;

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

    /// <summary>Checks that a warp which ends has waited: else the kernels behind would not wait for those in
    /// front.</summary>
    public static void CheckEnd(Warp warp, Op op)
    {
        if (!warp.HasWaited)
            warp.Report(FindingKind.EarlyAccess, op, -1, 0, "threads end here without griddepcontrol.wait.");
    }
}
