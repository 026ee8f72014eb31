using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Control flow, barriers, instructions across the warp, matrix products of warps and
/// warpgroups.</summary>
internal static class WarpCompiler
{
    public static Op? Compile(Decoder x) => x.Instruction.Opcode switch
    {
        "bra" => new BranchOp(x.Operand(0).Target, x.Rejoin, x.Has("uni")),
        "ret" or "exit" => new ExitOp(),
        "trap" => new TrapOp(),
        "bar" when x.Has("warp") => new WarpSyncOp(x.Slot(0, PtxType.B32)),
        "bar" or "barrier" => Barrier(x),
        "shfl" => Shuffle(x),
        "vote" => Vote(x),
        "match" => new MatchOp(x.D, x.Paired(0), x.Slot(1), RegisterFile.IsWide(x.Type), x.Slot(2, PtxType.B32)),
        "redux" => new WarpReduceOp(x.D, x.Slot(1), x.Slot(2, PtxType.B32), Reduction(x)),
        "activemask" => new ActiveMaskOp(x.Slot(0, PtxType.B32)),
        "movmatrix" => new MoveMatrixOp(x.Slot(0, PtxType.B32), x.Slot(1, PtxType.B32)),
        "mma" => Multiply(x),
        "wgmma" => Warpgroup(x),
        _ => null,
    };

    private static BarrierOp Barrier(Decoder x)
    {
        var vote = (x.Has("popc"), x.Has("and"), x.Has("or")) switch
        {
            (true, _, _) => BarrierVote.Count,
            (_, true, _) => BarrierVote.And,
            (_, _, true) => BarrierVote.Or,
            _ => BarrierVote.None,
        };
        var reduces = vote != BarrierVote.None;
        var first = reduces ? 1 : 0;
        var counts = x.Count - (2 * first);
        return new BarrierOp(
            x.Slot(first, PtxType.B32),
            counts == 2 ? x.Slot(first + 1, PtxType.B32) : null,
            waits: !x.Has("arrive"),
            vote,
            reduces ? x.Slot(0, PtxType.Pred) : null,
            reduces ? x.Slot(x.Count - 1, PtxType.Pred) : null,
            reduces && x.Operand(x.Count - 1).Negated);
    }

    private static ShuffleOp Shuffle(Decoder x)
    {
        var mode = x.Instruction.Modifiers[1] switch
        {
            "up" => ShuffleMode.Up,
            "down" => ShuffleMode.Down,
            "bfly" => ShuffleMode.Butterfly,
            _ => ShuffleMode.Index,
        };
        return new ShuffleOp(x.D, x.Paired(0), x.Slot(1), x.Slot(2), x.Slot(3), x.Slot(4), mode);
    }

    private static VoteOp Vote(Decoder x)
    {
        var mode = x.Instruction.Modifiers[1] switch
        {
            "ballot" => VoteMode.Ballot,
            "all" => VoteMode.All,
            "any" => VoteMode.Any,
            _ => VoteMode.Uniform,
        };
        return new VoteOp(x.Slot(0, PtxType.B32), x.Slot(1, PtxType.Pred), x.Operand(1).Negated,
            x.Slot(2, PtxType.B32), mode);
    }

    private static Func<uint, uint, uint> Reduction(Decoder x)
    {
        if (x.Has("add")) return static (a, b) => unchecked(a + b);
        if (x.Has("and")) return static (a, b) => a & b;
        if (x.Has("or")) return static (a, b) => a | b;
        if (x.Has("xor")) return static (a, b) => a ^ b;
        return (x.Has("min"), x.Type == PtxType.S32) switch
        {
            (true, true) => static (a, b) => (uint)Math.Min((int)a, (int)b),
            (true, false) => static (a, b) => Math.Min(a, b),
            (false, true) => static (a, b) => (uint)Math.Max((int)a, (int)b),
            _ => static (a, b) => Math.Max(a, b),
        };
    }

    private static Op Warpgroup(Decoder x)
    {
        if (x.Has("fence")) return new WarpgroupFenceOp();
        if (x.Has("commit_group")) return new WarpgroupCommitOp();
        if (x.Has("wait_group")) return new WarpgroupWaitOp((int)x.Operand(0).Bits);
        var isFromRegisters = x.Operand(1).Kind == PtxOperandKind.Vector;
        return new WarpgroupMultiplyOp(
            x.Slots(0),
            isFromRegisters ? x.Slots(1) : null,
            isFromRegisters ? null : x.Slot(1, PtxType.B64),
            x.Slot(2, PtxType.B64),
            x.Slot(3, PtxType.Pred),
            isBrain: x.Has("bf16"),
            isMnMajor: x.Operand(x.Count - 1).Bits != 0,
            [.. x.Operand(0).Registers.Select(register => register.Index)],
            [.. x.Operand(1).Registers.Select(register => register.Index)]);
    }

    private static Op Multiply(Decoder x) => x.Type == PtxType.None
        ? new MatrixMultiplyFloat(x.Slots(0), x.Slots(1), x.Slots(2), x.Slots(3), x.Has("bf16"),
            isHalfSum: !x.Has("f32"))
        : new MatrixMultiplyBytes(x.Slots(0), x.Slots(1), x.Slots(2), x.Slots(3), x.Type == PtxType.S8,
            x.Instruction.SourceType == PtxType.S8, x.Has("satfinite"));
}
