using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Memory;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Moves, packing and unpacking, selection, address conversion.</summary>
internal static class MoveCompiler
{
    public static Op Compile(Decoder x) => x.Instruction.Opcode switch
    {
        "selp" => new SelectOp(x.D, x.Slot(1), x.Slot(2), x.Slot(3, PtxType.Pred), RegisterFile.IsWide(x.Type)),
        "cvta" => ConvertAddress(x),
        "createpolicy" => new BitsFunction(x.D, isWide: true, [], static (_, _, _) => 0),
        _ => Move(x),
    };

    private static Op Move(Decoder x)
    {
        if (x.Operand(0).Kind == PtxOperandKind.Vector)
        {
            return new UnpackOp(x.Slots(0), x.Slot(1), RegisterFile.IsWide(x.Type));
        }
        if (x.Operand(1).Kind == PtxOperandKind.Vector) return new PackOp(x.D, x.Slots(1), RegisterFile.IsWide(x.Type));
        if (x.Type == PtxType.Pred) return new PredicateOp(x.D, x.Slot(1), x.Slot(1), static (a, _) => a);
        return RegisterFile.IsWide(x.Type)
            ? new Unary<ulong, ulong, Identity<ulong>>(x.D, x.Slot(1))
            : new Unary<uint, uint, Identity<uint>>(x.D, x.Slot(1));
    }

    /// <summary>Generic addresses of shared memory lie in a window of their own; the others are what they
    /// are.</summary>
    private static Op ConvertAddress(Decoder x)
    {
        if (x.Instruction.Space != PtxSpace.Shared) return new Unary<ulong, ulong, Identity<ulong>>(x.D, x.Slot(1));
        var sign = x.Has("to") ? ~DeviceHeap.SharedWindow + 1 : DeviceHeap.SharedWindow;
        return new BitsFunction(x.D, isWide: true, x.Sources(1, PtxType.U64), (a, _, _) => a + sign);
    }
}

internal sealed unsafe class SelectOp(Slot d, Slot a, Slot b, Slot predicate, bool isWide) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        var chosen = warp.R[predicate.Offset];
        if (!isWide && mask == Warp.Full)
        {
            for (var lane = 0; lane < Warp.Size; lane += Vector256<uint>.Count)
            {
                Vector256.ConditionalSelect(LaneMask.Of(chosen, lane), Vector256.Load(warp.R + a.Offset + lane),
                    Vector256.Load(warp.R + b.Offset + lane)).Store(warp.R + D.Offset + lane);
            }

            Spread(warp, mask, Poison(warp, chosen));
            return;
        }

        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var from = (chosen >> lane & 1) != 0 ? a : b;
            if (isWide) ((ulong*)(warp.R + D.Offset))[lane] = ((ulong*)(warp.R + from.Offset))[lane];
            else warp.R[D.Offset + lane] = warp.R[from.Offset + lane];
        }

        Spread(warp, mask, Poison(warp, chosen));
    }

    private uint Poison(Warp warp, uint chosen) => warp.Poison[predicate.Shadow] | (warp.Poison[a.Shadow] & chosen)
        | (warp.Poison[b.Shadow] & ~chosen);
}

/// <summary>A function of predicates, all lanes at once.</summary>
internal sealed unsafe class PredicateOp(Slot d, Slot a, Slot b, Func<uint, uint, uint> function) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        var result = function(warp.R[a.Offset], warp.R[b.Offset]);
        ref var bits = ref warp.R[D.Offset];
        bits = (bits & ~mask) | (result & mask);
        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow]);
    }
}

/// <summary>Joins registers into a wider one, the first in the lowest bits.</summary>
internal sealed unsafe class PackOp(Slot d, Slot[] parts, bool isWide) : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        var bits = (isWide ? 64 : 32) / parts.Length;
        uint poison = 0;
        foreach (var part in parts) poison |= warp.Poison[part.Shadow];
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            ulong value = 0;
            for (var i = 0; i < parts.Length; i++) value |= (ulong)warp.R[parts[i].Offset + lane] << (i * bits);
            if (isWide) ((ulong*)(warp.R + D.Offset))[lane] = value;
            else warp.R[D.Offset + lane] = (uint)value;
        }

        Spread(warp, mask, poison);
    }
}

/// <summary>Splits a register into narrower ones, the lowest bits first.</summary>
internal sealed unsafe class UnpackOp(Slot[] parts, Slot source, bool isWide) : Op
{
    public override void Run(Warp warp, uint mask)
    {
        var bits = (isWide ? 64 : 32) / parts.Length;
        var part = (1UL << bits) - 1;
        var poison = warp.Poison[source.Shadow];
        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var value = isWide ? ((ulong*)(warp.R + source.Offset))[lane] : warp.R[source.Offset + lane];
            for (var i = 0; i < parts.Length; i++)
            {
                warp.R[parts[i].Offset + lane] = (uint)((value >> (i * bits)) & part);
            }
        }

        foreach (var slot in parts)
        {
            ref var shadow = ref warp.Poison[slot.Shadow];
            shadow = (shadow & ~mask) | (poison & mask);
        }
    }
}
