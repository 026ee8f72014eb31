using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>All forms of <c>cvt</c>.</summary>
internal static class ConversionCompiler
{
    public static Op? Compile(Decoder x)
    {
        if (x.Has("pack")) return Pack(x);
        var (to, from) = (x.Type, x.Instruction.SourceType);
        if (Fast(x, to, from) is { } fast) return fast;
        if (to is PtxType.F16x2 or PtxType.BF16x2) return PackedPair(x, to);
        if (Function(x, to, from) is not { } function) return null;
        return new BitsFunction(x.D, x.IsWide(0, to), x.Sources(1, from), (a, _, _) => function(a));
    }

    /// <summary>The frequent conversions between registers of exactly the named types.</summary>
    private static Op? Fast(Decoder x, PtxType to, PtxType from)
    {
        if (x.Has("sat") || x.Has("ftz") || x.Has("relu") || x.Has("rz")) return null;
        var isExact = x.IsWide(0, to) == RegisterFile.IsWide(to) && x.IsWide(1, from) == RegisterFile.IsWide(from);
        if (!isExact) return null;
        return (to, from) switch
        {
            (PtxType.U64 or PtxType.S64, PtxType.U32) => new Unary<ulong, uint, WidenUnsigned>(x.D, x.Slot(1, from)),
            (PtxType.U64 or PtxType.S64, PtxType.S32) => new Unary<long, int, WidenSigned>(x.D, x.Slot(1, from)),
            (PtxType.U32 or PtxType.S32, PtxType.U64 or PtxType.S64) =>
                new Unary<uint, ulong, Narrow>(x.D, x.Slot(1, from)),
            (PtxType.F32, PtxType.S32) => new Unary<float, int, SingleFromSigned>(x.D, x.Slot(1, from)),
            (PtxType.F32, PtxType.U32) => new Unary<float, uint, SingleFromUnsigned>(x.D, x.Slot(1, from)),
            (PtxType.F32, PtxType.F16) => new Unary<float, uint, SingleFromHalf>(x.D, x.Slot(1, from)),
            (PtxType.F32, PtxType.BF16) => new Unary<uint, uint, SingleFromBFloat16>(x.D, x.Slot(1, from)),
            (PtxType.F16, PtxType.F32) => new Unary<uint, float, HalfFromSingle>(x.D, x.Slot(1, from)),
            (PtxType.BF16, PtxType.F32) => new Unary<uint, float, BFloat16FromSingle>(x.D, x.Slot(1, from)),
            (PtxType.F16x2, PtxType.F32) => new Binary<uint, float, float, PackHalf>(
                x.D, x.Slot(1, from), x.Slot(2, from)),
            (PtxType.BF16x2, PtxType.F32) => new Binary<uint, float, float, PackBFloat16>(
                x.D, x.Slot(1, from), x.Slot(2, from)),
            _ => null,
        };
    }

    private static BitsFunction PackedPair(Decoder x, PtxType to)
    {
        var convert = ToSixteenBit(x, isBrain: to == PtxType.BF16x2);
        return new BitsFunction(x.D, isWide: false, x.Sources(1, PtxType.F32, PtxType.F32),
            (a, b, _) => (convert(Single(a)) << 16) | convert(Single(b)));
    }

    private static Func<float, uint> ToSixteenBit(Decoder x, bool isBrain)
    {
        Func<float, uint> round = x.Has("rz")
            ? value => SixteenBit.Truncate(value, isBrain)
            : value => SixteenBit.FromSingle(value, isBrain);
        if (x.Has("ftz"))
        {
            var inner = round;
            round = value => inner(Subnormals.Flush(value));
        }

        if (x.Has("relu"))
        {
            var inner = round;
            round = value => float.IsNaN(value) ? 0x7FFFu : value > 0 ? inner(value) : 0;
        }

        if (x.Has("sat"))
        {
            var inner = round;
            round = value => value > 0 ? inner(Math.Min(value, 1)) : 0;
        }

        return round;
    }

    private static Func<ulong, ulong>? Function(Decoder x, PtxType to, PtxType from)
    {
        if (to.IsInteger() && from.IsInteger())
        {
            return IntegerToInteger(to, from, x.Has("sat"), x.IsWide(0, to), Width(x, 0, to));
        }
        if (to.IsInteger()) return FloatToInteger(x, to, from);
        if (from.IsInteger()) return IntegerToFloat(to, from);
        return FloatToFloat(x, to, from);
    }

    private static int Width(Decoder x, int index, PtxType type) =>
        x.Operand(index).Register?.Type.ByteSize() ?? type.ByteSize();

    /// <summary>Cuts or saturates to the target type, then extends to the register that holds it.</summary>
    private static Func<ulong, ulong> IntegerToInteger(
        PtxType to, PtxType from, bool saturates, bool isWide, int registerBytes)
    {
        var mask = registerBytes >= 8 || isWide ? ulong.MaxValue : (1UL << (8 * registerBytes)) - 1;
        return bits =>
        {
            var value = Extend(bits, from);
            if (saturates) value = Int128.Clamp(value, Lowest(to), Highest(to));
            return (ulong)Extend((ulong)value, to) & mask;
        };
    }

    private static Int128 Extend(ulong bits, PtxType type)
    {
        var shift = 64 - (8 * type.ByteSize());
        return type.IsSigned() ? (long)(bits << shift) >> shift : (Int128)(bits << shift >> shift);
    }

    private static Int128 Lowest(PtxType type) => type.IsSigned() ? -(Int128.One << ((8 * type.ByteSize()) - 1)) : 0;

    private static Int128 Highest(PtxType type) =>
        (Int128.One << ((8 * type.ByteSize()) - (type.IsSigned() ? 1 : 0))) - 1;

    /// <summary>Always clamps to the target's range; NaN becomes 0.</summary>
    private static Func<ulong, ulong> FloatToInteger(Decoder x, PtxType to, PtxType from)
    {
        var round = Rounding(x);
        var flushes = x.Has("ftz");
        var registerBytes = Width(x, 0, to);
        var mask = registerBytes >= 8 ? ulong.MaxValue : (1UL << (8 * registerBytes)) - 1;
        return bits =>
        {
            var value = Value(bits, from);
            if (flushes && from == PtxType.F32) value = Subnormals.Flush((float)value);
            value = round(value);
            if (double.IsNaN(value)) return 0;
            var whole = Int128.Clamp((Int128)Math.Clamp(value, -1e30, 1e30), Lowest(to), Highest(to));
            return (ulong)whole & mask;
        };
    }

    private static Func<double, double> Rounding(Decoder x)
    {
        if (x.Has("rni")) return static value => Math.Round(value, MidpointRounding.ToEven);
        if (x.Has("rmi")) return Math.Floor;
        return x.Has("rpi") ? Math.Ceiling : Math.Truncate;
    }

    private static Func<ulong, ulong>? IntegerToFloat(PtxType to, PtxType from) => to switch
    {
        PtxType.F64 => bits => BitConverter.DoubleToUInt64Bits(
            from.IsSigned() ? (long)Extend(bits, from) : ToDouble((ulong)Extend(bits, from))),
        PtxType.F32 => bits => BitConverter.SingleToUInt32Bits(
            from.IsSigned() ? (long)Extend(bits, from) : ToSingle((ulong)Extend(bits, from))),
        PtxType.F16 => bits => SixteenBit.FromDouble((double)Extend(bits, from), isBrain: false),
        _ => null,
    };

    /// <summary>Above 2⁶³ halves the value first, keeping a sticky bit so that it still rounds once.</summary>
    private static float ToSingle(ulong value) =>
        value <= long.MaxValue ? (long)value : 2f * (long)((value >> 1) | (value & 1));

    private static double ToDouble(ulong value) =>
        value <= long.MaxValue ? (long)value : 2.0 * (long)((value >> 1) | (value & 1));

    private static Func<ulong, ulong>? FloatToFloat(Decoder x, PtxType to, PtxType from)
    {
        if (to is PtxType.F16 or PtxType.BF16)
        {
            var convert = ToSixteenBit(x, isBrain: to == PtxType.BF16);
            return bits => convert(Single(bits));
        }

        var isWholeNumber = x.Has("rni") || x.Has("rzi") || x.Has("rmi") || x.Has("rpi");
        Func<double, double> round = isWholeNumber ? Rounding(x) : static value => value;
        var (flushes, saturates) = (x.Has("ftz"), x.Has("sat"));
        Func<ulong, double> convertValue = bits =>
        {
            var value = Value(bits, from);
            if (flushes && from == PtxType.F32) value = Subnormals.Flush((float)value);
            value = round(value);
            return !saturates ? value : value > 0 ? Math.Min(value, 1) : 0;
        };
        return to switch
        {
            PtxType.F32 when flushes => bits => BitConverter.SingleToUInt32Bits(
                Subnormals.Flush((float)convertValue(bits))),
            PtxType.F32 => bits => BitConverter.SingleToUInt32Bits((float)convertValue(bits)),
            PtxType.F64 => bits => BitConverter.DoubleToUInt64Bits(convertValue(bits)),
            _ => null,
        };
    }

    private static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double Value(ulong bits, PtxType type) => type switch
    {
        PtxType.F64 => BitConverter.UInt64BitsToDouble(bits),
        PtxType.F32 => Single(bits),
        _ => SixteenBit.ToSingle((uint)bits & 0xFFFF, isBrain: type == PtxType.BF16),
    };

    /// <summary>
    /// Saturates two integers into the lower part of the result, a above b; with a third operand the bytes already
    /// there move up.
    /// </summary>
    private static BitsFunction Pack(Decoder x)
    {
        var type = x.Type;
        var bits = 8 * type.ByteSize();
        var mask = (1UL << bits) - 1;
        PtxType[] sources = x.Count == 4 ? [PtxType.S32, PtxType.S32, PtxType.B32] : [PtxType.S32, PtxType.S32];
        return new BitsFunction(x.D, isWide: false, x.Sources(1, sources), (a, b, c) =>
            (uint)((Part(a) << bits) | Part(b) | (bits == 8 ? c << 16 : 0)));

        ulong Part(ulong value) => (ulong)Int128.Clamp((int)value, Lowest(type), Highest(type)) & mask;
    }
}
