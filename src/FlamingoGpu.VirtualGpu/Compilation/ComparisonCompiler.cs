using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Comparisons and number tests.</summary>
internal static class ComparisonCompiler
{
    public static Op Compile(Decoder x)
    {
        if (x.Instruction.Opcode == "testp") return Test(x);
        if (x.Count == 4) return Combined(x);
        var comparison = x.Instruction.Modifiers[0];
        if (!x.Has("ftz") && Fast(x, comparison) is { } fast) return fast;
        var test = Comparison(x, comparison);
        return new BitsPredicate(x.D, x.Sources(1, x.Type, x.Type), test);
    }

    /// <summary>A comparison joined with a second predicate by and, or, xor.</summary>
    private static CombinedCompareOp Combined(Decoder x)
    {
        var test = Comparison(x, x.Instruction.Modifiers[0]);
        Func<uint, uint, uint> join = x.Instruction.Modifiers[1] switch
        {
            "and" => static (a, b) => a & b,
            "or" => static (a, b) => a | b,
            _ => static (a, b) => a ^ b,
        };
        return new CombinedCompareOp(x.D, x.Sources(1, x.Type, x.Type), x.Slot(3, PtxType.Pred), x.Operand(3).Negated,
            test, join);
    }

    private static Op? Fast(Decoder x, string comparison) => x.Type switch
    {
        PtxType.U32 or PtxType.B32 => Fast<uint>(x, comparison),
        PtxType.S32 => Fast<int>(x, comparison),
        PtxType.U64 or PtxType.B64 => Fast<ulong>(x, comparison),
        PtxType.S64 => Fast<long>(x, comparison),
        PtxType.F32 => Fast<float>(x, comparison),
        PtxType.F64 => Fast<double>(x, comparison),
        _ => null,
    };

    private static Op? Fast<T>(Decoder x, string comparison)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var (d, a, b) = (x.D, x.Slot(1), x.Slot(2));
        return comparison switch
        {
            "eq" => new Compare<T, IsEqual<T>>(d, a, b),
            "ne" when !x.Type.IsFloat() => new Compare<T, IsNotEqual<T>>(d, a, b),
            "neu" => new Compare<T, IsNotEqual<T>>(d, a, b),
            "lt" or "lo" => new Compare<T, IsLess<T>>(d, a, b),
            "le" or "ls" => new Compare<T, IsLessOrEqual<T>>(d, a, b),
            "gt" or "hi" => new Compare<T, IsGreater<T>>(d, a, b),
            "ge" or "hs" => new Compare<T, IsGreaterOrEqual<T>>(d, a, b),
            _ => null,
        };
    }

    private static Func<ulong, ulong, bool> Comparison(Decoder x, string comparison)
    {
        if (x.Type.IsFloat()) return FloatComparison(x.Type, x.Has("ftz"), comparison);
        var shift = 64 - (8 * x.Type.ByteSize());
        return (x.Type.IsSigned(), comparison) switch
        {
            (_, "eq") => (a, b) => a << shift == b << shift,
            (_, "ne") => (a, b) => a << shift != b << shift,
            (true, "lt") => (a, b) => (long)(a << shift) < (long)(b << shift),
            (true, "le") => (a, b) => (long)(a << shift) <= (long)(b << shift),
            (true, "gt") => (a, b) => (long)(a << shift) > (long)(b << shift),
            (true, _) => (a, b) => (long)(a << shift) >= (long)(b << shift),
            (false, "lt" or "lo") => (a, b) => a << shift < b << shift,
            (false, "le" or "ls") => (a, b) => a << shift <= b << shift,
            (false, "gt" or "hi") => (a, b) => a << shift > b << shift,
            _ => (a, b) => a << shift >= b << shift,
        };
    }

    private static Func<ulong, ulong, bool> FloatComparison(PtxType type, bool flushes, string comparison)
    {
        var test = OrderedTest(comparison);
        return (a, b) => test(Value(a, type, flushes), Value(b, type, flushes));
    }

    /// <summary>The plain comparisons are false for NaN; those ending in u are true for it.</summary>
    private static Func<double, double, bool> OrderedTest(string comparison) => comparison switch
    {
        "eq" => static (a, b) => a == b,
        "ne" => static (a, b) => a < b || a > b,
        "lt" => static (a, b) => a < b,
        "le" => static (a, b) => a <= b,
        "gt" => static (a, b) => a > b,
        "ge" => static (a, b) => a >= b,
        "equ" => static (a, b) => !(a < b || a > b),
        "neu" => static (a, b) => !(a == b),
        "ltu" => static (a, b) => !(a >= b),
        "leu" => static (a, b) => !(a > b),
        "gtu" => static (a, b) => !(a <= b),
        "geu" => static (a, b) => !(a < b),
        "num" => static (a, b) => !double.IsNaN(a) && !double.IsNaN(b),
        _ => static (a, b) => double.IsNaN(a) || double.IsNaN(b),
    };

    private static double Value(ulong bits, PtxType type, bool flushes)
    {
        if (type == PtxType.F64) return BitConverter.UInt64BitsToDouble(bits);
        if (type == PtxType.F16) return SixteenBit.ToSingle((uint)bits & 0xFFFF, isBrain: false);
        var value = BitConverter.UInt32BitsToSingle((uint)bits);
        return flushes ? Subnormals.Flush(value) : value;
    }

    private static BitsPredicate Test(Decoder x)
    {
        var isDouble = x.Type == PtxType.F64;
        Func<ulong, ulong, bool> test = x.Instruction.Modifiers[0] switch
        {
            "finite" => (a, _) => double.IsFinite(Value(a, x.Type, false)),
            "infinite" => (a, _) => double.IsInfinity(Value(a, x.Type, false)),
            "number" => (a, _) => !double.IsNaN(Value(a, x.Type, false)),
            "notanumber" => (a, _) => double.IsNaN(Value(a, x.Type, false)),
            "normal" => (a, _) => isDouble ? double.IsNormal(Value(a, x.Type, false))
                : float.IsNormal((float)Value(a, x.Type, false)),
            _ => (a, _) => isDouble ? double.IsSubnormal(Value(a, x.Type, false))
                : float.IsSubnormal((float)Value(a, x.Type, false)),
        };
        return new BitsPredicate(x.D, x.Sources(1, x.Type), test);
    }
}

/// <summary>A comparison whose result is joined with another predicate.</summary>
internal sealed unsafe class CombinedCompareOp(
    Slot d, (Slot Slot, bool IsWide)[] sources, Slot other, bool isNegated, Func<ulong, ulong, bool> test,
        Func<uint, uint, uint> join)
    : RegisterOp(d)
{
    public override void Run(Warp warp, uint mask)
    {
        uint bits = 0;
        var (a, isWide) = sources[0];
        var b = sources[1].Slot;
        for (var lane = 0; lane < Warp.Size; lane++)
        {
            var left = isWide ? ((ulong*)(warp.R + a.Offset))[lane] : warp.R[a.Offset + lane];
            var right = isWide ? ((ulong*)(warp.R + b.Offset))[lane] : warp.R[b.Offset + lane];
            if (test(left, right)) bits |= 1u << lane;
        }

        var result = join(bits, isNegated ? ~warp.R[other.Offset] : warp.R[other.Offset]);
        ref var destination = ref warp.R[D.Offset];
        destination = (destination & ~mask) | (result & mask);
        Spread(warp, mask, warp.Poison[a.Shadow] | warp.Poison[b.Shadow] | warp.Poison[other.Shadow]);
    }
}
