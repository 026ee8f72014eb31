using System.Numerics;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>A branch; <paramref name="rejoin"/> is where its two sides must meet again, -1 when they may
/// never.</summary>
internal sealed class BranchOp(int target, int rejoin, bool isUniform) : Op
{
    public override void Run(Warp warp, uint mask)
    {
        if (isUniform && mask != warp.Active)
        {
            warp.Report(FindingKind.PartialWarp, this, BitOperations.TrailingZeroCount(warp.Active & ~mask), 0,
                "bra.uni promises that all threads of the warp go the same way; they do not.");
        }

        warp.Branch(mask, target, rejoin);
    }
}

internal sealed class ExitOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
        EarlyAccesses.CheckEnd(warp, this);
        warp.Exit(mask);
    }
}

internal sealed class TrapOp : Op
{
    public override void Run(Warp warp, uint mask)
    {
        warp.Report(FindingKind.Trap, this, BitOperations.TrailingZeroCount(mask), 0, "the kernel executed trap.");
        warp.Block.Run.Abort();
    }
}

internal enum BarrierVote
{
    None,
    Count,
    And,
    Or,
}

/// <summary><c>bar.sync</c>, <c>bar.arrive</c> and <c>bar.red</c> on one of sixteen barriers.</summary>
internal sealed unsafe class BarrierOp(
    Slot barrier, Slot? threads, bool waits, BarrierVote vote, Slot? destination, Slot? predicate, bool isNegated) : Op
{
    public override void Run(Warp warp, uint mask)
    {
        if (mask != warp.Live)
        {
            warp.Report(FindingKind.DivergentBarrier, this, BitOperations.TrailingZeroCount(warp.Live & ~mask), 0,
                $"only the threads 0x{mask:x8} of the warp's 0x{warp.Live:x8} reached this barrier together.");
            warp.Block.Run.Abort();
            return;
        }

        var block = warp.Block;
        var id = Uniform(warp, mask, barrier);
        var expected = threads is { } count ? Uniform(warp, mask, count) : (uint)(block.Warps.Length * Warp.Size);
        if (id >= Block.BarrierCount || expected == 0 || expected % Warp.Size != 0
            || expected > block.Warps.Length * Warp.Size)
        {
            Mismatch(warp, $"barrier {id} with {expected} threads cannot be: there are 16 barriers, the count is a "
                + $"multiple of 32 and the block has {block.Warps.Length * Warp.Size}.");
            return;
        }

        var state = block.Barriers[id];
        if (state.Expected != 0 && state.Expected != expected)
        {
            Mismatch(warp, $"this warp expects {expected} threads at barrier {id}, another one {state.Expected}.");
            return;
        }

        if (state.Participants.Contains(warp))
        {
            Mismatch(warp, $"the warp arrived at barrier {id} twice in one round.");
            return;
        }

        Arrive(warp, mask, (int)id, (int)expected, state);
    }

    public override void Resume(Warp warp)
    {
        if (destination is not { } d) return;
        var (votes, voters) = warp.BarrierVotes;
        var mask = warp.Active;
        if (vote == BarrierVote.Count)
        {
            new Span<uint>(warp.R + d.Offset, Warp.Size).Fill((uint)votes);
        }
        else
        {
            var holds = vote == BarrierVote.And ? votes == voters : votes > 0;
            ref var bits = ref warp.R[d.Offset];
            bits = holds ? bits | mask : bits & ~mask;
        }

        warp.Poison[d.Shadow] &= ~mask;
    }

    private void Arrive(Warp warp, uint mask, int id, int expected, BlockBarrier state)
    {
        int votes = 0, voters = 0;
        if (predicate is { } p)
        {
            var unknown = warp.Poison[p.Shadow] & mask;
            if (unknown != 0) warp.ReportUninitialised(this, unknown, "the barrier's predicate");
            votes = BitOperations.PopCount((isNegated ? ~warp.R[p.Offset] : warp.R[p.Offset]) & mask);
            voters = BitOperations.PopCount(mask);
        }

        if (waits)
        {
            warp.WaitingOn = id;
            warp.WaitingAt = this;
        }

        state.Arrive(warp, expected, waits, votes, voters);
        if (!state.IsComplete) return;
        warp.Block.Run.Release(state);
        if (!waits) return;
        warp.WaitingAt = null;
        Resume(warp);
    }

    private void Mismatch(Warp warp, string message)
    {
        warp.Report(FindingKind.BarrierMismatch, this, -1, 0, message);
        warp.Block.Run.Abort();
    }

    private static uint Uniform(Warp warp, uint mask, Slot slot) =>
        warp.R[slot.Offset + BitOperations.TrailingZeroCount(mask)];
}
