using System.Numerics;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Integer, logic and float arithmetic: typed lane loops for the frequent forms, delegates for the
/// others.</summary>
internal static class ArithmeticCompiler
{
    public static Op? Compile(Decoder x)
    {
        var opcode = x.Instruction.Opcode;
        if (x.Type == PtxType.Pred) return Predicate(x, opcode);
        if (x.Type is PtxType.F16 or PtxType.BF16 or PtxType.F16x2 or PtxType.BF16x2) return Half(x, opcode);
        if (x.Type == PtxType.F32) return Single(x, opcode);
        if (x.Type == PtxType.F64) return Double(x, opcode);
        return Integer(x, opcode) ?? IntegerBits(x, opcode);
    }

    private static PredicateOp? Predicate(Decoder x, string opcode) => opcode switch
    {
        "and" => new PredicateOp(x.D, x.Slot(1), x.Slot(2), static (a, b) => a & b),
        "or" => new PredicateOp(x.D, x.Slot(1), x.Slot(2), static (a, b) => a | b),
        "xor" => new PredicateOp(x.D, x.Slot(1), x.Slot(2), static (a, b) => a ^ b),
        "not" => new PredicateOp(x.D, x.Slot(1), x.Slot(1), static (a, _) => ~a),
        _ => null,
    };

    /// <summary>The forms that a lane loop over 32- or 64-bit integers computes directly.</summary>
    private static Op? Integer(Decoder x, string opcode)
    {
        if (x.Has("sat") || x.Type.ByteSize() is not (4 or 8)) return null;
        switch (opcode, x.Has("lo"), x.Has("wide"))
        {
            case ("add", _, _): return Wrapping<Add<uint>, Add<ulong>>(x);
            case ("sub", _, _): return Wrapping<Subtract<uint>, Subtract<ulong>>(x);
            case ("and", _, _): return Wrapping<And<uint>, And<ulong>>(x);
            case ("or", _, _): return Wrapping<Or<uint>, Or<ulong>>(x);
            case ("xor", _, _): return Wrapping<Xor<uint>, Xor<ulong>>(x);
            case ("mul", true, _): return Wrapping<Multiply<uint>, Multiply<ulong>>(x);
            case ("mad", true, _):
                return RegisterFile.IsWide(x.Type)
                    ? new VectorTernary<ulong, MultiplyAdd<ulong>>(x.D, x.Slot(1), x.Slot(2), x.Slot(3))
                    : new VectorTernary<uint, MultiplyAdd<uint>>(x.D, x.Slot(1), x.Slot(2), x.Slot(3));
            case ("mul", _, true):
                return x.Type == PtxType.S32
                    ? new Binary<long, int, int, MultiplyWideSigned>(x.D, x.Slot(1), x.Slot(2))
                    : new Binary<ulong, uint, uint, MultiplyWideUnsigned>(x.D, x.Slot(1), x.Slot(2));
            case ("mad", _, true):
                return x.Type == PtxType.S32
                    ? new Ternary<long, int, int, long, MultiplyAddWideSigned>(
                        x.D, x.Slot(1), x.Slot(2), x.Slot(3, PtxType.S64))
                    : new Ternary<ulong, uint, uint, ulong, MultiplyAddWideUnsigned>(
                        x.D, x.Slot(1), x.Slot(2), x.Slot(3, PtxType.U64));
            case ("not", _, _):
                return RegisterFile.IsWide(x.Type)
                    ? new Unary<ulong, ulong, Not<ulong>>(x.D, x.Slot(1))
                    : new Unary<uint, uint, Not<uint>>(x.D, x.Slot(1));
            case ("shl", _, _):
                return RegisterFile.IsWide(x.Type)
                    ? new Binary<ulong, ulong, uint, ShiftLeft64>(x.D, x.Slot(1), x.Slot(2, PtxType.U32))
                    : new Binary<uint, uint, uint, ShiftLeft32>(x.D, x.Slot(1), x.Slot(2, PtxType.U32));
            case ("shr", _, _): return ShiftRight(x);
            case ("min" or "max", _, _): return Extreme(x, opcode == "min");
            case ("div" or "rem", _, _): return Division(x, opcode == "div");
            default: return null;
        }
    }

    private static Op Wrapping<T32, T64>(Decoder x)
        where T32 : struct, IVectorBinary<uint>
        where T64 : struct, IVectorBinary<ulong> =>
        RegisterFile.IsWide(x.Type)
            ? new VectorBinary<ulong, T64>(x.D, x.Slot(1), x.Slot(2))
            : new VectorBinary<uint, T32>(x.D, x.Slot(1), x.Slot(2));

    private static Op ShiftRight(Decoder x)
    {
        var (d, a, b) = (x.D, x.Slot(1), x.Slot(2, PtxType.U32));
        return x.Type switch
        {
            PtxType.S32 => new Binary<int, int, uint, ShiftRightSigned32>(d, a, b),
            PtxType.S64 => new Binary<long, long, uint, ShiftRightSigned64>(d, a, b),
            PtxType.B64 or PtxType.U64 => new Binary<ulong, ulong, uint, ShiftRight64>(d, a, b),
            _ => new Binary<uint, uint, uint, ShiftRight32>(d, a, b),
        };
    }

    private static Op? Division(Decoder x, bool isQuotient)
    {
        var (d, a, b) = (x.D, x.Slot(1), x.Slot(2));
        return (x.Type, isQuotient) switch
        {
            (PtxType.S32, true) => new Binary<int, int, int, QuotientSigned>(d, a, b),
            (PtxType.S32, false) => new Binary<int, int, int, RemainderSigned>(d, a, b),
            (PtxType.U32, true) => new Binary<uint, uint, uint, QuotientUnsigned>(d, a, b),
            (PtxType.U32, false) => new Binary<uint, uint, uint, RemainderUnsigned>(d, a, b),
            _ => null,
        };
    }

    private static Op Extreme(Decoder x, bool isMin) => x.Type switch
    {
        PtxType.S32 => Extreme<int>(x, isMin),
        PtxType.U32 => Extreme<uint>(x, isMin),
        PtxType.S64 => Extreme<long>(x, isMin),
        _ => Extreme<ulong>(x, isMin),
    };

    private static Op Extreme<T>(Decoder x, bool isMin)
        where T : unmanaged, INumber<T> =>
        isMin
            ? new VectorBinary<T, Smaller<T>>(x.D, x.Slot(1), x.Slot(2))
            : new VectorBinary<T, Larger<T>>(x.D, x.Slot(1), x.Slot(2));

    /// <summary>All other integer forms, on sign- or zero-extended values.</summary>
    private static RegisterOp? IntegerBits(Decoder x, string opcode)
    {
        var type = x.Type;
        var bits = 8 * type.ByteSize();
        var isWide = x.IsWide(0, type);
        Func<ulong, ulong, ulong, ulong>? function = opcode switch
        {
            "add" when x.Has("sat") => (a, b, _) => Clamp(Extend(a, type) + Extend(b, type)),
            "sub" when x.Has("sat") => (a, b, _) => Clamp(Extend(a, type) - Extend(b, type)),
            "add" => (a, b, _) => Cut(a + b, bits),
            "sub" => (a, b, _) => Cut(a - b, bits),
            "mul" when x.Has("lo") => (a, b, _) => Cut(a * b, bits),
            "mul" when x.Has("hi") => (a, b, _) => High(a, b, type),
            "mul" => (a, b, _) => Cut((ulong)(Extend(a, type) * Extend(b, type)), 2 * bits),
            "mad" when x.Has("lo") => (a, b, c) => Cut((a * b) + c, bits),
            "mad" when x.Has("hi") => (a, b, c) => Cut(High(a, b, type) + c, bits),
            "mad" => (a, b, c) => Cut((ulong)(Extend(a, type) * Extend(b, type)) + c, 2 * bits),
            "div" => (a, b, _) => Quotient(a, b, type),
            "rem" => (a, b, _) => Remainder(a, b, type),
            "min" => (a, b, _) => IsBelow(a, b, type) ? a : b,
            "max" => (a, b, _) => IsBelow(a, b, type) ? b : a,
            "abs" => (a, _, _) => Cut((ulong)(Extend(a, type) < 0 ? -Extend(a, type) : Extend(a, type)), bits),
            "neg" => (a, _, _) => Cut(0UL - a, bits),
            "and" => (a, b, _) => a & b,
            "or" => (a, b, _) => a | b,
            "xor" => (a, b, _) => a ^ b,
            "not" => (a, _, _) => Cut(~a, bits),
            "shl" => (a, n, _) => n >= (ulong)bits ? 0 : Cut(a << (int)n, bits),
            "shr" => (a, n, _) => type.IsSigned()
                ? Cut((ulong)(Extend(a, type) >> (int)Math.Min(n, (ulong)bits - 1)), bits)
                : n >= (ulong)bits ? 0 : Cut(a, bits) >> (int)n,
            "popc" => (a, _, _) => (ulong)BitOperations.PopCount(a),
            "clz" => (a, _, _) => (ulong)(BitOperations.LeadingZeroCount(a) - (64 - bits)),
            "brev" => (a, _, _) => Reverse(a) >> (64 - bits),
            _ => null,
        };
        if (function is not null)
        {
            var wideThird = opcode == "mad" && x.Has("wide");
            PtxType[] types = opcode is "shl" or "shr" ? [type, PtxType.U32]
                : wideThird ? [type, type, bits == 16 ? PtxType.U32 : PtxType.U64]
                : [.. Enumerable.Repeat(type, x.Count - 1)];
            return new BitsFunction(x.D, isWide, x.Sources(1, types), function);
        }

        return BitFields(x, opcode, bits, isWide);
    }

    private static RegisterOp? BitFields(Decoder x, string opcode, int bits, bool isWide)
    {
        var type = x.Type;
        switch (opcode)
        {
            case "bfe":
                return new BitsFunction(x.D, isWide, x.Sources(1, type, PtxType.U32, PtxType.U32),
                    (a, position, length) => Extract(a, (int)position & 255, (int)length & 255, bits, type.IsSigned()));
            case "bfi":
                return new BitFieldInsert(x.D, x.Slot(1), x.Slot(2), x.Slot(3, PtxType.U32), x.Slot(4, PtxType.U32),
                    isWide);
            case "prmt":
                return new BitsFunction(x.D, isWide, x.Sources(1, type, type, type),
                    static (a, b, s) => Permute((uint)a, (uint)b, (uint)s));
            case "lop3":
                return new BitwiseLookup(x.D, x.Slot(1), x.Slot(2), x.Slot(3), (uint)x.Operand(4).Bits);
            case "shf":
                return new BitsFunction(x.D, isWide, x.Sources(1, type, type, PtxType.U32),
                    Funnel(x.Has("l"), x.Has("clamp")));
            case "dp4a":
                var (isSignedA, isSignedB) = (type.IsSigned(), x.Instruction.SourceType.IsSigned());
                return new BitsFunction(x.D, isWide, x.Sources(1, PtxType.B32, PtxType.B32, PtxType.B32),
                    (a, b, c) => Dot4((uint)a, (uint)b, (uint)c, isSignedA, isSignedB));
            default:
                return null;
        }
    }

    private static long Extend(ulong value, PtxType type)
    {
        var shift = 64 - (8 * type.ByteSize());
        return type.IsSigned() ? (long)(value << shift) >> shift : (long)(value << shift >> shift);
    }

    private static ulong Cut(ulong value, int bits) => bits >= 64 ? value : value & ((1UL << bits) - 1);

    private static ulong Clamp(long value) => (uint)(int)Math.Clamp(value, int.MinValue, int.MaxValue);

    private static ulong High(ulong a, ulong b, PtxType type)
    {
        if (type == PtxType.U64) return Math.BigMul(a, b, out _);
        if (type == PtxType.S64) return (ulong)Math.BigMul((long)a, (long)b, out _);
        var bits = 8 * type.ByteSize();
        return type.IsSigned()
            ? Cut((ulong)((Extend(a, type) * Extend(b, type)) >> bits), bits)
            : Cut((Cut(a, bits) * Cut(b, bits)) >> bits, bits);
    }

    /// <summary>PTX leaves division by zero open; all ones here, as the hardware gives.</summary>
    private static ulong Quotient(ulong a, ulong b, PtxType type)
    {
        var bits = 8 * type.ByteSize();
        if (Cut(b, bits) == 0) return Cut(ulong.MaxValue, bits);
        if (!type.IsSigned()) return Cut(a, bits) / Cut(b, bits);
        return Extend(b, type) == -1 ? Cut(0UL - a, bits) : Cut((ulong)(Extend(a, type) / Extend(b, type)), bits);
    }

    private static ulong Remainder(ulong a, ulong b, PtxType type)
    {
        var bits = 8 * type.ByteSize();
        if (Cut(b, bits) == 0) return Cut(a, bits);
        if (!type.IsSigned()) return Cut(a, bits) % Cut(b, bits);
        return Extend(b, type) == -1 ? 0 : Cut((ulong)(Extend(a, type) % Extend(b, type)), bits);
    }

    private static bool IsBelow(ulong a, ulong b, PtxType type) =>
        type.IsSigned() ? Extend(a, type) < Extend(b, type) : a < b;

    private static ulong Reverse(ulong value)
    {
        ulong result = 0;
        for (var i = 0; i < 64; i++) result |= (value >> i & 1) << (63 - i);
        return result;
    }

    private static ulong Extract(ulong a, int position, int length, int bits, bool isSigned)
    {
        if (length == 0) return 0;
        var top = Math.Min(position + length - 1, bits - 1);
        var sign = isSigned && (a >> top & 1) != 0;
        var taken = Math.Min(length, bits - Math.Min(position, bits));
        var value = position >= bits ? 0 : Cut(a >> position, taken);
        return sign ? Cut(value | (taken >= 64 ? 0 : ulong.MaxValue << taken), bits) : value;
    }

    private static uint Permute(uint a, uint b, uint selectors)
    {
        var pool = ((ulong)b << 32) | a;
        uint result = 0;
        for (var i = 0; i < 4; i++)
        {
            var selector = (int)(selectors >> (4 * i)) & 15;
            var value = (uint)(pool >> (8 * (selector & 7))) & 0xFF;
            if ((selector & 8) != 0) value = (value & 0x80) != 0 ? 0xFFu : 0;
            result |= value << (8 * i);
        }

        return result;
    }

    private static Func<ulong, ulong, ulong, ulong> Funnel(bool isLeft, bool clamps) => (a, b, n) =>
    {
        var shift = clamps ? (int)Math.Min(n, 32) : (int)(n & 31);
        var pool = (b << 32) | a;
        return isLeft ? (shift == 32 ? (uint)a : (uint)(pool << shift >> 32)) : (uint)(pool >> shift);
    };

    private static ulong Dot4(uint a, uint b, uint c, bool isSignedA, bool isSignedB)
    {
        var sum = c;
        for (var i = 0; i < 32; i += 8)
        {
            var x = isSignedA ? (sbyte)(a >> i) : (int)(byte)(a >> i);
            var y = isSignedB ? (sbyte)(b >> i) : (int)(byte)(b >> i);
            sum = unchecked(sum + (uint)(x * y));
        }

        return sum;
    }

    private static Op? Single(Decoder x, string opcode)
    {
        if (x.Has("sat")) return SaturatingSingle(x, opcode);
        var flushes = x.Has("ftz");
        switch (opcode)
        {
            case "add": return SingleBinary<Add<float>>(x, flushes);
            case "sub": return SingleBinary<Subtract<float>>(x, flushes);
            case "mul": return SingleBinary<Multiply<float>>(x, flushes);
            case "fma" when !flushes: return new FusedMultiplyAdd(x.D, x.Slot(1), x.Slot(2), x.Slot(3));
            case "div": return Plain<Divide<float>>(x, flushes);
            case "min" when !x.Has("NaN"): return SingleBinary<Smaller<float>>(x, flushes);
            case "max" when !x.Has("NaN"): return SingleBinary<Larger<float>>(x, flushes);
            case "rcp": return SingleUnary<Reciprocal>(x, flushes);
            case "sqrt": return SingleUnary<SquareRoot>(x, flushes);
            case "rsqrt": return SingleUnary<ReciprocalSquareRoot>(x, flushes);
            case "ex2": return SingleUnary<Exp2>(x, flushes);
            case "lg2": return SingleUnary<Log2>(x, flushes);
            case "sin": return SingleUnary<Sine>(x, flushes);
            case "cos": return SingleUnary<Cosine>(x, flushes);
            case "tanh": return SingleUnary<HyperbolicTangent>(x, flushes);
            case "neg" when !flushes: return new Unary<uint, uint, FlipSign32>(x.D, x.Slot(1));
            case "abs" when !flushes: return new Unary<uint, uint, ClearSign32>(x.D, x.Slot(1));
        }

        Func<float, float, float, float>? function = opcode switch
        {
            "fma" => static (a, b, c) => Subnormals.Flush(
                MathF.FusedMultiplyAdd(Subnormals.Flush(a), Subnormals.Flush(b), Subnormals.Flush(c))),
            "neg" => static (a, _, _) => -Subnormals.Flush(a),
            "abs" => static (a, _, _) => MathF.Abs(Subnormals.Flush(a)),
            "min" when flushes => static (a, b, _) => MathF.Min(Subnormals.Flush(a), Subnormals.Flush(b)),
            "max" when flushes => static (a, b, _) => MathF.Max(Subnormals.Flush(a), Subnormals.Flush(b)),
            "min" => static (a, b, _) => MathF.Min(a, b),
            "max" => static (a, b, _) => MathF.Max(a, b),
            "copysign" => static (sign, a, _) => MathF.CopySign(a, sign),
            _ => null,
        };
        return function is null ? null : SingleFunction(x, function);
    }

    private static BitsFunction? SaturatingSingle(Decoder x, string opcode)
    {
        Func<float, float, float, float>? function = opcode switch
        {
            "add" => static (a, b, _) => a + b,
            "sub" => static (a, b, _) => a - b,
            "mul" => static (a, b, _) => a * b,
            "fma" => MathF.FusedMultiplyAdd,
            _ => null,
        };
        if (function is null) return null;
        return x.Has("ftz")
            ? SingleFunction(x, (a, b, c) => Saturate(
                Subnormals.Flush(function(Subnormals.Flush(a), Subnormals.Flush(b), Subnormals.Flush(c)))))
            : SingleFunction(x, (a, b, c) => Saturate(function(a, b, c)));
    }

    /// <summary>Into 0…1; NaN becomes 0.</summary>
    private static float Saturate(float value) => value > 0 ? Math.Min(value, 1) : 0;

    private static BitsFunction SingleFunction(Decoder x, Func<float, float, float, float> function) => new(
        x.D, isWide: false, x.Sources(1, [.. Enumerable.Repeat(PtxType.F32, x.Count - 1)]),
        (a, b, c) => BitConverter.SingleToUInt32Bits(function(
            BitConverter.UInt32BitsToSingle((uint)a), BitConverter.UInt32BitsToSingle((uint)b),
                BitConverter.UInt32BitsToSingle((uint)c))));

    private static Op SingleBinary<TF>(Decoder x, bool flushes)
        where TF : struct, IVectorBinary<float> =>
        flushes ? Plain<TF>(x, flushes) : new VectorBinary<float, TF>(x.D, x.Slot(1), x.Slot(2));

    private static Op Plain<TF>(Decoder x, bool flushes)
        where TF : struct, IBinary<float, float, float> =>
        flushes
            ? new Binary<float, float, float, FlushedBinary<TF>>(x.D, x.Slot(1), x.Slot(2))
            : new Binary<float, float, float, TF>(x.D, x.Slot(1), x.Slot(2));

    private static Op SingleUnary<TF>(Decoder x, bool flushes)
        where TF : struct, IUnary<float, float> =>
        flushes
            ? new Unary<float, float, FlushedUnary<TF>>(x.D, x.Slot(1))
            : new Unary<float, float, TF>(x.D, x.Slot(1));

    private static Op? Double(Decoder x, string opcode)
    {
        Func<double, double, double, double>? function = opcode switch
        {
            "add" => static (a, b, _) => a + b,
            "sub" => static (a, b, _) => a - b,
            "mul" => static (a, b, _) => a * b,
            "fma" => Math.FusedMultiplyAdd,
            "div" => static (a, b, _) => a / b,
            "rcp" => static (a, _, _) => 1 / a,
            "sqrt" => static (a, _, _) => Math.Sqrt(a),
            "neg" => static (a, _, _) => -a,
            "abs" => static (a, _, _) => Math.Abs(a),
            "min" => static (a, b, _) => double.MinNumber(a, b),
            "max" => static (a, b, _) => double.MaxNumber(a, b),
            "copysign" => static (sign, a, _) => Math.CopySign(a, sign),
            _ => null,
        };
        if (function is null) return null;
        return new BitsFunction(x.D, isWide: true, x.Sources(1, [.. Enumerable.Repeat(PtxType.F64, x.Count - 1)]),
            (a, b, c) => BitConverter.DoubleToUInt64Bits(function(
                BitConverter.UInt64BitsToDouble(a), BitConverter.UInt64BitsToDouble(b),
                    BitConverter.UInt64BitsToDouble(c))));
    }

    /// <summary>16-bit floats, one or two to a register.</summary>
    private static BitsFunction? Half(Decoder x, string opcode)
    {
        var isBrain = x.Type is PtxType.BF16 or PtxType.BF16x2;
        if (HalfFunction(x, opcode, isBrain) is not { } function) return null;
        var sources = x.Sources(1, [.. Enumerable.Repeat(x.Type, x.Count - 1)]);
        return x.Type is PtxType.F16 or PtxType.BF16
            ? new BitsFunction(x.D, isWide: false, sources, (a, b, c) => function((uint)a, (uint)b, (uint)c))
            : new BitsFunction(x.D, isWide: false, sources, (a, b, c) =>
                function((uint)a & 0xFFFF, (uint)b & 0xFFFF, (uint)c & 0xFFFF)
                | ((ulong)function((uint)(a >> 16), (uint)(b >> 16), (uint)(c >> 16)) << 16));
    }

    private static Func<uint, uint, uint, uint>? HalfFunction(Decoder x, string opcode, bool isBrain)
    {
        const uint Sign = 0x8000;
        var function = opcode switch
        {
            "add" => Rounded(isBrain, static (a, b) => a + b),
            "sub" => Rounded(isBrain, static (a, b) => a - b),
            "mul" => Rounded(isBrain, static (a, b) => a * b),
            "fma" => (a, b, c) => SixteenBit.FusedMultiplyAdd(a, b, c, isBrain),
            "min" => Rounded(isBrain, x.Has("NaN") ? MathF.Min : float.MinNumber),
            "max" => Rounded(isBrain, x.Has("NaN") ? MathF.Max : float.MaxNumber),
            "neg" => static (a, _, _) => a ^ Sign,
            "abs" => static (a, _, _) => a & ~Sign,
            "ex2" => Rounded(isBrain, static (a, _) => Exp2.Apply(a)),
            "tanh" => Rounded(isBrain, static (a, _) => HyperbolicTangent.Apply(a)),
            _ => null,
        };
        if (function is null) return null;
        if (x.Has("ftz")) function = Flushing(function);
        if (x.Has("relu"))
        {
            return (a, b, c) => Clamped(function(a, b, c), isBrain, float.PositiveInfinity, keepsNaN: true);
        }
        return x.Has("sat") ? (a, b, c) => Clamped(function(a, b, c), isBrain, 1, keepsNaN: false) : function;
    }

    private static Func<uint, uint, uint, uint> Rounded(bool isBrain, Func<float, float, float> function) =>
        (a, b, _) => SixteenBit.FromSingle(function(SixteenBit.ToSingle(a, isBrain), SixteenBit.ToSingle(b, isBrain)),
            isBrain);

    /// <summary>f16 only: its subnormals have a zero exponent field of five bits.</summary>
    private static Func<uint, uint, uint, uint> Flushing(Func<uint, uint, uint, uint> function)
    {
        return (a, b, c) => Flush(function(Flush(a), Flush(b), Flush(c)));

        static uint Flush(uint bits) => (bits & 0x7C00) == 0 ? bits & 0x8000 : bits;
    }

    private static uint Clamped(uint bits, bool isBrain, float most, bool keepsNaN)
    {
        var value = SixteenBit.ToSingle(bits, isBrain);
        if (float.IsNaN(value)) return keepsNaN ? 0x7FFFu : 0;
        return value > 0 ? SixteenBit.FromSingle(Math.Min(value, most), isBrain) : 0;
    }
}
