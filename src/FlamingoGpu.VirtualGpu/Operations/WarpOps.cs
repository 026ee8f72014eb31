using System.Numerics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>An instruction that the named lanes of a warp execute together.</summary>
internal abstract unsafe class CollectiveOp(Slot members) : Op
{
    /// <summary>Checks that exactly the lanes named in the member mask are here.</summary>
    protected uint Gather(Warp warp, uint mask)
    {
        var first = BitOperations.TrailingZeroCount(mask);
        var named = warp.R[members.Offset + first];
        var unknown = warp.Poison[members.Shadow] & mask;
        if (unknown != 0) warp.ReportUninitialised(this, unknown, "the member mask");
        var missing = named & warp.Live & ~mask;
        var uninvited = mask & ~named;
        if (missing != 0)
        {
            warp.Report(FindingKind.PartialWarp, this, BitOperations.TrailingZeroCount(missing), 0,
                $"the member mask 0x{named:x8} names threads that are not here; here are 0x{mask:x8}.");
        }
        else if (uninvited != 0)
        {
            warp.Report(FindingKind.PartialWarp, this, BitOperations.TrailingZeroCount(uninvited), 0,
                $"threads 0x{uninvited:x8} execute this without being named in the member mask 0x{named:x8}.");
        }

        return mask & named;
    }

    protected static void Spread(Warp warp, Slot d, uint mask, uint poison)
    {
        ref var shadow = ref warp.Poison[d.Shadow];
        shadow = (shadow & ~mask) | (poison & mask);
    }
}

internal enum ShuffleMode
{
    Up,
    Down,
    Butterfly,
    Index,
}

internal sealed unsafe class ShuffleOp(
    Slot d, Slot? inRange, Slot a, Slot b, Slot c, Slot members, ShuffleMode mode) : CollectiveOp(members)
{
    public override void Run(Warp warp, uint mask)
    {
        var here = Gather(warp, mask);
        var result = stackalloc uint[Warp.Size];
        var unknown = warp.Poison[b.Shadow] | warp.Poison[c.Shadow];
        uint valid = 0;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var (from, isValid) = SourceOf(lane, (int)warp.R[b.Offset + lane] & 31, (int)warp.R[c.Offset + lane]);
            if (isValid) valid |= 1u << lane;
            result[lane] = warp.R[a.Offset + from];
            if ((here >> from & 1) == 0 || (warp.Poison[a.Shadow] >> from & 1) != 0) unknown |= 1u << lane;
        }

        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            warp.R[d.Offset + lane] = result[lane];
        }

        Spread(warp, d, mask, unknown);
        if (inRange is not { } predicate) return;
        ref var bits = ref warp.R[predicate.Offset];
        bits = (bits & ~mask) | valid;
        Spread(warp, predicate, mask, warp.Poison[b.Shadow] | warp.Poison[c.Shadow]);
    }

    /// <summary>The segment mask is in bits 8 to 12 of the control operand, the clamp in bits 0 to 4.</summary>
    private (int Lane, bool IsValid) SourceOf(int lane, int b, int control)
    {
        var segment = (control >> 8) & 31;
        var clamp = control & 31;
        var highest = (lane & segment) | (clamp & ~segment);
        var lowest = lane & segment;
        var (from, isValid) = mode switch
        {
            ShuffleMode.Up => (lane - b, lane - b >= highest),
            ShuffleMode.Down => (lane + b, lane + b <= highest),
            ShuffleMode.Butterfly => (lane ^ b, (lane ^ b) <= highest),
            _ => (lowest | (b & ~segment), (lowest | (b & ~segment)) <= highest),
        };
        return isValid ? (from, true) : (lane, false);
    }
}

internal enum VoteMode
{
    All,
    Any,
    Uniform,
    Ballot,
}

internal sealed unsafe class VoteOp(Slot d, Slot predicate, bool isNegated, Slot members, VoteMode mode)
    : CollectiveOp(members)
{
    public override void Run(Warp warp, uint mask)
    {
        var here = Gather(warp, mask);
        var votes = (isNegated ? ~warp.R[predicate.Offset] : warp.R[predicate.Offset]) & here;
        var poison = (warp.Poison[predicate.Shadow] & here) != 0 ? mask : 0;
        if (mode == VoteMode.Ballot)
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                warp.R[d.Offset + BitOperations.TrailingZeroCount(lanes)] = votes;
            }
        }
        else
        {
            var holds = mode switch
            {
                VoteMode.All => votes == here,
                VoteMode.Any => votes != 0,
                _ => votes == here || votes == 0,
            };
            ref var bits = ref warp.R[d.Offset];
            bits = holds ? bits | mask : bits & ~mask;
        }

        Spread(warp, d, mask, poison);
    }
}

internal sealed unsafe class MatchOp(Slot d, Slot? areAllEqual, Slot a, bool isWide, Slot members)
    : CollectiveOp(members)
{
    public override void Run(Warp warp, uint mask)
    {
        var here = Gather(warp, mask);
        var poison = (warp.Poison[a.Shadow] & here) != 0 ? mask : 0;
        uint allEqual = here;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            uint equal = 0;
            for (var others = here; others != 0; others &= others - 1)
            {
                var other = BitOperations.TrailingZeroCount(others);
                if (Read(warp, lane) == Read(warp, other)) equal |= 1u << other;
            }

            warp.R[d.Offset + lane] = equal;
            if (equal != here) allEqual = 0;
        }

        if (areAllEqual is { } predicate)
        {
            for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
            {
                warp.R[d.Offset + BitOperations.TrailingZeroCount(lanes)] = allEqual;
            }
            ref var bits = ref warp.R[predicate.Offset];
            bits = allEqual != 0 ? bits | mask : bits & ~mask;
            Spread(warp, predicate, mask, poison);
        }

        Spread(warp, d, mask, poison);
    }

    private ulong Read(Warp warp, int lane) => isWide ? ((ulong*)(warp.R + a.Offset))[lane] : warp.R[a.Offset + lane];
}

internal sealed unsafe class WarpReduceOp(Slot d, Slot a, Slot members, Func<uint, uint, uint> function)
    : CollectiveOp(members)
{
    public override void Run(Warp warp, uint mask)
    {
        var here = Gather(warp, mask);
        if (here == 0) return;
        var first = BitOperations.TrailingZeroCount(here);
        var result = warp.R[a.Offset + first];
        for (var lanes = here & (here - 1); lanes != 0; lanes &= lanes - 1)
        {
            result = function(result, warp.R[a.Offset + BitOperations.TrailingZeroCount(lanes)]);
        }

        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            warp.R[d.Offset + BitOperations.TrailingZeroCount(lanes)] = result;
        }
        Spread(warp, d, mask, (warp.Poison[a.Shadow] & here) != 0 ? mask : 0);
    }
}

/// <summary>
/// <c>bar.warp.sync</c>: orders the memory accesses of the warp's lanes. A partial member mask is taken as ordering all
/// lanes.
/// </summary>
internal sealed class WarpSyncOp(Slot members) : CollectiveOp(members)
{
    public override void Run(Warp warp, uint mask)
    {
        Gather(warp, mask);
        warp.Tick();
    }
}

internal sealed unsafe class ActiveMaskOp(Slot d) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            warp.R[D.Offset + BitOperations.TrailingZeroCount(lanes)] = mask;
        }
        Spread(warp, mask, 0);
    }
}
