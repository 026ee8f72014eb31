using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>An address: a register or nothing, plus a constant, in a state space.</summary>
internal sealed unsafe class AddressOperand(Slot? register, bool isWide, long offset, PtxSpace space)
{
    public PtxSpace Space { get; } = space;

    /// <summary>The constant part, for parameters.</summary>
    public long Offset { get; } = offset;

    /// <summary>Computes the addresses of an access and checks them; the lanes that may go on.</summary>
    public uint Resolve(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        mask = Compute(warp, op, mask);
        if (mask == 0) return 0;
        return Space switch
        {
            PtxSpace.Shared => MemoryUnit.ResolveShared(warp, op, mask, bytes, access),
            PtxSpace.Local => MemoryUnit.ResolveLocal(warp, op, mask, bytes),
            PtxSpace.Generic => MemoryUnit.ResolveGeneric(warp, op, mask, bytes, access),
            _ => MemoryUnit.ResolveGlobal(warp, op, mask, bytes, access),
        };
    }

    /// <summary>Leaves the addresses in <see cref="Warp.Addresses"/>; lanes with an unknown base are reported and
    /// dropped.</summary>
    public uint Compute(Warp warp, Op op, uint mask)
    {
        if (register is not { } slot)
        {
            new Span<ulong>(warp.Addresses, Warp.Size).Fill((ulong)Offset);
            return mask;
        }

        var unknown = warp.Poison[slot.Shadow] & mask;
        if (unknown != 0)
        {
            warp.ReportUninitialised(op, unknown, "the address");
            mask &= ~unknown;
        }

        if (isWide)
        {
            var wide = (ulong*)(warp.R + slot.Offset);
            var step = Vector256.Create((ulong)Offset);
            for (var lane = 0; lane < Warp.Size; lane += Vector256<ulong>.Count)
            {
                (Vector256.Load(wide + lane) + step).Store(warp.Addresses + lane);
            }
        }
        else
        {
            var step = Vector256.Create((uint)(int)Offset);
            for (var lane = 0; lane < Warp.Size; lane += Vector256<uint>.Count)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(warp.R + slot.Offset + lane) + step);
                low.Store(warp.Addresses + lane);
                high.Store(warp.Addresses + lane + Vector256<ulong>.Count);
            }
        }

        return mask;
    }

    /// <summary>Where fences meet: what was published at a lane's address.</summary>
    public Knowledge? ReleasedAt(Warp warp, int lane) => IsShared(warp, lane)
        ? warp.Block.ReleasedAt((uint)warp.Addresses[lane])
        : warp.Block.Run.Races.ReleasedAt(warp.Addresses[lane]);

    public void Publish(Warp warp, int lane, Knowledge knowledge)
    {
        if (IsShared(warp, lane)) warp.Block.Publish((uint)warp.Addresses[lane], knowledge);
        else warp.Block.Run.Races.Publish(warp.Addresses[lane], knowledge);
    }

    /// <summary>What a strong read does to the reader's knowledge.</summary>
    public void AcquireAll(Warp warp, uint mask, bool atOnce)
    {
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var released = ReleasedAt(warp, BitOperations.TrailingZeroCount(lanes));
            if (released is null) continue;
            if (atOnce) warp.Learn(released);
            else warp.Acquirable = Knowledge.Join(warp.Acquirable, released);
        }
    }

    /// <summary>What a strong write publishes: everything before it when it releases, else what was fenced
    /// before.</summary>
    public void PublishAll(Warp warp, uint mask, bool releases)
    {
        var knowledge = releases ? warp.Snapshot() : warp.Fenced;
        if (knowledge is null) return;
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            Publish(warp, BitOperations.TrailingZeroCount(lanes), knowledge);
        }
    }

    private bool IsShared(Warp warp, int lane) => Space == PtxSpace.Shared
        || (Space == PtxSpace.Generic && warp.Pointers[lane] >= warp.Block.Shared.Data
            && warp.Pointers[lane] < warp.Block.Shared.Data + warp.Block.Shared.Length);
}
