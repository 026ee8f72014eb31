using System.Numerics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary><c>griddepcontrol.wait</c>: from here on the warp may touch what the kernels in front wrote.</summary>
internal sealed class AwaitPredecessorsOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
        if (mask == warp.Live) warp.HasWaited = true;
    }
}

/// <summary><c>griddepcontrol.launch_dependents</c>: a later start of them changes nothing here.</summary>
internal sealed class LaunchDependentsOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
    }
}

/// <summary>
/// <c>cp.async.bulk.prefetch.L2</c>: moves nothing here and counts nothing, which the loads behind it do; the bytes must
/// exist, and be none that a kernel in front writes.
/// </summary>
internal sealed unsafe class BulkPrefetchOp(AddressOperand address, Slot bytes) : Op
{
    private const int Granule = 16;

    public override void Run(Warp warp, uint mask)
    {
        mask = address.Compute(warp, this, mask);
        var unknown = warp.Poison[bytes.Shadow] & mask;
        if (unknown != 0) warp.ReportUninitialised(this, unknown, "the number of bytes");
        for (var lanes = mask & ~unknown; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            Check(warp, lane, warp.Addresses[lane], warp.R[bytes.Offset + lane]);
        }
    }

    private void Check(Warp warp, int lane, ulong from, uint count)
    {
        if (from % Granule != 0 || count % Granule != 0)
            warp.Report(FindingKind.Misaligned, this, lane, from,
                $"a prefetch of {count} bytes: both address and size must be multiples of {Granule}.");
        else if (warp.Block.Run.Heap.Find(from) is not { } allocation || from < allocation.Start
            || from - allocation.Start + count > (ulong)allocation.Length)
            warp.Report(FindingKind.OutOfBounds, this, lane, from,
                $"a prefetch of {count} bytes leaves its allocation, or starts in none.");
        else EarlyAccesses.CheckPrefetch(warp, this, lane, allocation, checked((int)count));
    }
}
