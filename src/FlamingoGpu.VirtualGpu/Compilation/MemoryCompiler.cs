using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Loads, stores, atomics, asynchronous copies, fences.</summary>
internal static class MemoryCompiler
{
    public static Op? Compile(Decoder x) => x.Instruction.Opcode switch
    {
        "ld" => Load(x),
        "st" => new StoreOp(x.Address(0, x.Instruction.Space), x.Elements(1, x.Type), x.Type,
            IsStrong(x) ? Access.StrongWrite : Access.Write, releases: x.Has("release")),
        "atom" => Atomic(x, first: 2, new Element(x.D, RegisterFile.IsWide(x.Type))),
        "red" => Atomic(x, first: 1, null),
        "cp" => Copy(x),
        "ldmatrix" => new LoadMatrixOp(x.Slots(0), x.Address(1, x.Instruction.Space), x.Has("trans")),
        "prefetch" => new PrefetchOp(x.Address(0, PtxSpace.Global)),
        _ => x.Has("proxy") ? new ProxyFenceOp() : new FenceOp(),
    };

    private static bool IsStrong(Decoder x) =>
        x.Has("volatile") || x.Has("relaxed") || x.Has("acquire") || x.Has("release");

    private static Op Load(Decoder x)
    {
        var elements = x.Elements(0, x.Type);
        if (x.Instruction.Space == PtxSpace.Param)
        {
            var operand = x.Operand(1);
            return new ParameterLoadOp((int)(operand.Variable!.Offset + operand.Offset), elements, x.Type);
        }

        return new LoadOp(x.Address(1, x.Instruction.Space), elements, x.Type,
            IsStrong(x) ? Access.StrongRead : Access.Read, acquires: x.Has("acquire"));
    }

    private static Op? Copy(Decoder x)
    {
        if (x.Has("commit_group")) return new CommitGroupOp();
        if (x.Has("wait_all")) return new WaitGroupOp(-1);
        if (x.Has("wait_group")) return new WaitGroupOp((int)x.Operand(0).Bits);
        var hasSize = x.Count - (x.Has("L2::cache_hint") ? 1 : 0) == 4;
        return new AsyncCopyOp(x.Address(0, PtxSpace.Shared), x.Address(1, PtxSpace.Global), (int)x.Operand(2).Bits,
            hasSize ? x.Slot(3, PtxType.U32) : null);
    }

    private static AtomicOp? Atomic(Decoder x, int first, Element? destination)
    {
        if (Function(x) is not { } function) return null;
        var operands = Enumerable.Range(first, x.Count - first)
            .Select(i => new Element(x.Slot(i), x.IsWide(i, x.Type))).ToArray();
        var both = x.Has("acq_rel");
        return new AtomicOp(x.Address(first - 1, x.Instruction.Space), destination, operands, x.Type, function,
            acquires: both || x.Has("acquire"), releases: both || x.Has("release"));
    }

    private static Func<ulong, ulong, ulong, ulong>? Function(Decoder x)
    {
        if (x.Has("exch")) return static (_, value, _) => value;
        if (x.Has("cas")) return static (old, expected, value) => old == expected ? value : old;
        if (x.Has("and")) return static (old, value, _) => old & value;
        if (x.Has("or")) return static (old, value, _) => old | value;
        if (x.Has("xor")) return static (old, value, _) => old ^ value;
        if (x.Has("inc")) return static (old, limit, _) => old >= limit ? 0 : old + 1;
        if (x.Has("dec")) return static (old, limit, _) => old == 0 || old > limit ? limit : old - 1;
        if (x.Has("add")) return Adding(x.Type);
        return (x.Has("min"), x.Type) switch
        {
            (true, PtxType.U32 or PtxType.U64) => static (old, value, _) => Math.Min(old, value),
            (false, PtxType.U32 or PtxType.U64) => static (old, value, _) => Math.Max(old, value),
            (true, PtxType.S32) => static (old, value, _) => (uint)Math.Min((int)old, (int)value),
            (false, PtxType.S32) => static (old, value, _) => (uint)Math.Max((int)old, (int)value),
            (true, PtxType.S64) => static (old, value, _) => (ulong)Math.Min((long)old, (long)value),
            (false, PtxType.S64) => static (old, value, _) => (ulong)Math.Max((long)old, (long)value),
            _ => null,
        };
    }

    private static Func<ulong, ulong, ulong, ulong> Adding(PtxType type) => type switch
    {
        PtxType.F32 => static (old, value, _) => BitConverter.SingleToUInt32Bits(
            BitConverter.UInt32BitsToSingle((uint)old) + BitConverter.UInt32BitsToSingle((uint)value)),
        PtxType.F64 => static (old, value, _) => BitConverter.DoubleToUInt64Bits(
            BitConverter.UInt64BitsToDouble(old) + BitConverter.UInt64BitsToDouble(value)),
        PtxType.F16x2 => static (old, value, _) => HalfSum(old, value) | (HalfSum(old >> 16, value >> 16) << 16),
        _ => static (old, value, _) => unchecked(old + value),
    };

    private static uint HalfSum(ulong a, ulong b) => SixteenBit.FromSingle(
        SixteenBit.ToSingle((uint)a & 0xFFFF, isBrain: false) + SixteenBit.ToSingle((uint)b & 0xFFFF, isBrain: false),
            isBrain: false);
}
