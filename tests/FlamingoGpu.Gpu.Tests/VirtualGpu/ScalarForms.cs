using System.Numerics;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>An instruction, its register types, and what it must compute, written without looking at the implementation.</summary>
internal sealed record ScalarForm(string Text, string[] Types, Func<ulong, ulong, ulong, ulong> Oracle)
{
    /// <summary>Units in the last place of f32 the result may be off.</summary>
    public int Ulps { get; init; }

    /// <summary>Inputs to leave out because PTX does not define the result.</summary>
    public Func<ulong, ulong, ulong, bool> IsDefined { get; init; } = (_, _, _) => true;
}

internal static class ScalarForms
{
    public static readonly Dictionary<string, ScalarForm> All = Build().ToDictionary(f => f.Text, StringComparer.Ordinal);

    private static IEnumerable<ScalarForm> Build() =>
        [.. Integers(), .. Bits(), .. Comparisons(), .. Floats(), .. Halves(), .. Conversions()];

    private static BigInteger Value(ulong bits, string type)
    {
        var size = int.Parse(type[1..]);
        var cut = size == 64 ? bits : bits & ((1UL << size) - 1);
        return type[0] == 's' && (cut >> (size - 1) & 1) != 0 ? cut - (BigInteger.One << size) : cut;
    }

    private static ulong Cut(BigInteger value, int size) => (ulong)(value & ((BigInteger.One << size) - 1));

    private static float F(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static ulong B(float value) => BitConverter.SingleToUInt32Bits(value);

    private static double D(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong B(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static double H(ulong bits) => (double)BitConverter.UInt16BitsToHalf((ushort)bits);

    private static double BF(ulong bits) => BitConverter.UInt32BitsToSingle((uint)(bits & 0xFFFF) << 16);

    private static BigInteger Big(string type, bool highest)
    {
        var size = int.Parse(type[1..]);
        if (type[0] == 'u') return highest ? (BigInteger.One << size) - 1 : 0;
        return highest ? (BigInteger.One << (size - 1)) - 1 : -(BigInteger.One << (size - 1));
    }

    private static IEnumerable<ScalarForm> Integers()
    {
        foreach (var type in new[] { "u16", "s16", "u32", "s32", "u64", "s64" })
        {
            var size = int.Parse(type[1..]);
            string[] two = [type, type, type], three = [type, type, type, type];
            ScalarForm Two(string text, Func<BigInteger, BigInteger, BigInteger> f) =>
                new($"{text}.{type} d, a, b", two, (a, b, _) => Cut(f(Value(a, type), Value(b, type)), size));
            yield return Two("add", (a, b) => a + b);
            yield return Two("sub", (a, b) => a - b);
            yield return Two("mul.lo", (a, b) => a * b);
            yield return Two("mul.hi", (a, b) => (a * b) >> size);
            yield return Two("min", BigInteger.Min);
            yield return Two("max", BigInteger.Max);
            yield return Two("div", (a, b) => b.IsZero ? 0 : BigInteger.Divide(a, b)) with { IsDefined = (_, b, _) => Cut(b, size) != 0 };
            yield return Two("rem", (a, b) => b.IsZero ? 0 : BigInteger.Remainder(a, b)) with { IsDefined = (_, b, _) => Cut(b, size) != 0 };
            yield return new ScalarForm($"mad.lo.{type} d, a, b, c", three, (a, b, c) => Cut((Value(a, type) * Value(b, type)) + Value(c, type), size));
            yield return new ScalarForm($"mad.hi.{type} d, a, b, c", three, (a, b, c) => Cut(((Value(a, type) * Value(b, type)) >> size) + Value(c, type), size));
            yield return new ScalarForm($"shr.{type} d, a, b", [type, type, "u32"], (a, b, _) => Cut(Value(a, type) >> (int)Math.Min((uint)b, 200u), size));
            if (type[0] == 's')
            {
                yield return new ScalarForm($"abs.{type} d, a", [type, type], (a, _, _) => Cut(BigInteger.Abs(Value(a, type)), size));
                yield return new ScalarForm($"neg.{type} d, a", [type, type], (a, _, _) => Cut(-Value(a, type), size));
            }

            if (size == 64) continue;
            var wide = type[0] + (2 * size).ToString();
            yield return new ScalarForm($"mul.wide.{type} d, a, b", [wide, type, type], (a, b, _) => Cut(Value(a, type) * Value(b, type), 2 * size));
            yield return new ScalarForm($"mad.wide.{type} d, a, b, c", [wide, type, type, wide],
                (a, b, c) => Cut((Value(a, type) * Value(b, type)) + Value(c, wide), 2 * size));
        }

        BigInteger Clamp(BigInteger v) => BigInteger.Max(int.MinValue, BigInteger.Min(int.MaxValue, v));
        yield return new ScalarForm("add.sat.s32 d, a, b", ["s32", "s32", "s32"], (a, b, _) => Cut(Clamp(Value(a, "s32") + Value(b, "s32")), 32));
        yield return new ScalarForm("sub.sat.s32 d, a, b", ["s32", "s32", "s32"], (a, b, _) => Cut(Clamp(Value(a, "s32") - Value(b, "s32")), 32));
        foreach (var (ta, tb) in new[] { ("s32", "s32"), ("u32", "u32"), ("s32", "u32"), ("u32", "s32") })
        {
            yield return new ScalarForm($"dp4a.{ta}.{tb} d, a, b, c", [ta == "u32" && tb == "u32" ? "u32" : "s32", "b32", "b32", ta == "u32" && tb == "u32" ? "u32" : "s32"],
                (a, b, c) => Cut(Enumerable.Range(0, 4).Aggregate((BigInteger)(uint)c, (sum, i) =>
                    sum + (Value(a >> (8 * i), ta[0] + "8") * Value(b >> (8 * i), tb[0] + "8"))), 32));
        }
    }

    private static IEnumerable<ScalarForm> Bits()
    {
        foreach (var size in new[] { 16, 32, 64 })
        {
            var t = $"b{size}";
            yield return new ScalarForm($"and.{t} d, a, b", [t, t, t], (a, b, _) => Cut(a & b, size));
            yield return new ScalarForm($"or.{t} d, a, b", [t, t, t], (a, b, _) => Cut(a | b, size));
            yield return new ScalarForm($"xor.{t} d, a, b", [t, t, t], (a, b, _) => Cut(a ^ b, size));
            yield return new ScalarForm($"not.{t} d, a", [t, t], (a, _, _) => Cut(~a, size));
            yield return new ScalarForm($"shl.{t} d, a, b", [t, t, "u32"], (a, b, _) => Cut((BigInteger)Cut(a, size) << (int)Math.Min((uint)b, 200u), size));
            yield return new ScalarForm($"shr.{t} d, a, b", [t, t, "u32"], (a, b, _) => Cut((BigInteger)Cut(a, size) >> (int)Math.Min((uint)b, 200u), size));
            yield return new ScalarForm($"mov.{t} d, a", [t, t], (a, _, _) => Cut(a, size));
            yield return new ScalarForm($"selp.{t} d, a, b, c", [t, t, t, "pred"], (a, b, c) => Cut((c & 1) != 0 ? a : b, size));
            if (size == 16) continue;
            yield return new ScalarForm($"popc.{t} d, a", ["u32", t], (a, _, _) => (ulong)Digits(a, size).Count(c => c == '1'));
            yield return new ScalarForm($"clz.{t} d, a", ["u32", t], (a, _, _) => (ulong)(Digits(a, size) + "1").IndexOf('1'));
            yield return new ScalarForm($"brev.{t} d, a", [t, t], (a, _, _) => FromDigits(string.Concat(Digits(a, size).Reverse())));
            yield return new ScalarForm($"bfi.{t} d, a, b, 5, 11", [t, t, t], (a, b, _) =>
                FromDigits(Digits(b, size)[..(size - 16)] + Digits(a, size)[^11..] + Digits(b, size)[^5..]));
            foreach (var s in new[] { "u", "s" })
            {
                yield return new ScalarForm($"bfe.{s}{size} d, a, b, 7", [$"{s}{size}", $"{s}{size}", "u32"], (a, b, _) => Field(a, (int)(b & 255), 7, size, s == "s"));
                yield return new ScalarForm($"bfe.{s}{size} d, a, 3, b", [$"{s}{size}", $"{s}{size}", "u32"], (a, b, _) => Field(a, 3, (int)(b & 255), size, s == "s"));
            }
        }

        yield return new ScalarForm("lop3.b32 d, a, b, c, 0x96", ["b32", "b32", "b32", "b32"], (a, b, c) => Cut(a ^ b ^ c, 32));
        yield return new ScalarForm("lop3.b32 d, a, b, c, 0xEA", ["b32", "b32", "b32", "b32"], (a, b, c) => Cut((a & b) | c, 32));
        yield return new ScalarForm("lop3.b32 d, a, b, c, 0xCA", ["b32", "b32", "b32", "b32"], (a, b, c) => Cut((a & b) | (~a & c), 32));
        yield return new ScalarForm("prmt.b32 d, a, b, 0x5410", ["b32", "b32", "b32"], (a, b, _) => (a & 0xFFFF) | ((b & 0xFFFF) << 16));
        yield return new ScalarForm("prmt.b32 d, a, b, 0x7632", ["b32", "b32", "b32"], (a, b, _) => ((a >> 16) & 0xFFFF) | (b & 0xFFFF0000));
        yield return new ScalarForm("prmt.b32 d, a, b, 0x8081", ["b32", "b32", "b32"], (a, _, _) =>
            ((a >> 8) & 0xFF) | ((a & 0x80) != 0 ? 0xFF00u : 0) | ((a & 0xFF) << 16) | ((a & 0x80) != 0 ? 0xFF000000u : 0));
        yield return new ScalarForm("shf.l.wrap.b32 d, a, b, c", ["b32", "b32", "b32", "u32"], (a, b, c) =>
            Cut(((((BigInteger)(uint)b << 32) | (uint)a) << (int)(c & 31)) >> 32, 32));
        yield return new ScalarForm("shf.l.clamp.b32 d, a, b, c", ["b32", "b32", "b32", "u32"], (a, b, c) =>
            Cut(((((BigInteger)(uint)b << 32) | (uint)a) << (int)Math.Min((uint)c, 32)) >> 32, 32));
        yield return new ScalarForm("shf.r.wrap.b32 d, a, b, c", ["b32", "b32", "b32", "u32"], (a, b, c) =>
            Cut((((BigInteger)(uint)b << 32) | (uint)a) >> (int)(c & 31), 32));
        yield return new ScalarForm("shf.r.clamp.b32 d, a, b, c", ["b32", "b32", "b32", "u32"], (a, b, c) =>
            Cut((((BigInteger)(uint)b << 32) | (uint)a) >> (int)Math.Min((uint)c, 32), 32));
        yield return new ScalarForm("mov.b32 d, {a, b}", ["b32", "b16", "b16"], (a, b, _) => (a & 0xFFFF) | ((b & 0xFFFF) << 16));
        yield return new ScalarForm("mov.b64 d, {a, b}", ["b64", "b32", "b32"], (a, b, _) => (uint)a | (b << 32));
        yield return new ScalarForm("mov.b32 {%h0, %h1}, a;\nmov.b32 d, {%h1, %h0}", ["b32", "b32"], (a, _, _) => ((a >> 16) & 0xFFFF) | ((a & 0xFFFF) << 16));
        yield return new ScalarForm("mov.b64 {%r20, %r21}, a;\nmov.b64 d, {%r21, %r20}", ["b64", "b64"], (a, _, _) => BitOperations.RotateLeft(a, 32));
        yield return new ScalarForm("mov.b64 {%h0, %h1, %h2, %h3}, a;\nmov.b64 d, {%h1, %h2, %h3, %h0}", ["b64", "b64"], (a, _, _) => BitOperations.RotateRight(a, 16));
        yield return new ScalarForm("and.pred d, a, b", ["pred", "pred", "pred"], (a, b, _) => a & b & 1);
        yield return new ScalarForm("or.pred d, a, b", ["pred", "pred", "pred"], (a, b, _) => (a | b) & 1);
        yield return new ScalarForm("xor.pred d, a, b", ["pred", "pred", "pred"], (a, b, _) => (a ^ b) & 1);
        yield return new ScalarForm("not.pred d, a", ["pred", "pred"], (a, _, _) => ~a & 1);
        yield return new ScalarForm("mov.pred d, a", ["pred", "pred"], (a, _, _) => a & 1);
        yield return new ScalarForm("mov.pred %p9, 1;\nand.pred d, a, %p9", ["pred", "pred"], (a, _, _) => a & 1);
        yield return new ScalarForm("cvta.to.global.u64 d, a", ["u64", "u64"], (a, _, _) => a);
    }

    private static string Digits(ulong value, int size) => string.Concat(Enumerable.Range(0, size).Select(i => (value >> (size - 1 - i) & 1) != 0 ? '1' : '0'));

    private static ulong FromDigits(string digits) => digits.Aggregate(0UL, (v, c) => (v << 1) | (c == '1' ? 1UL : 0));

    /// <summary>The ISA's loop for bfe, bit by bit.</summary>
    private static ulong Field(ulong a, int position, int length, int size, bool isSigned)
    {
        var top = size - 1;
        var sign = isSigned && length > 0 && (a >> Math.Min(position + length - 1, top) & 1) != 0;
        ulong result = 0;
        for (var i = 0; i < size; i++)
        {
            var bit = i < length && position + i <= top ? (a >> (position + i) & 1) != 0 : sign;
            if (bit) result |= 1UL << i;
        }

        return result;
    }

    private static IEnumerable<ScalarForm> Comparisons()
    {
        foreach (var type in new[] { "u16", "s16", "u32", "s32", "u64", "s64" })
        {
            (string Name, Func<int, bool> Test)[] tests =
            [
                ("eq", c => c == 0), ("ne", c => c != 0), ("lt", c => c < 0), ("le", c => c <= 0), ("gt", c => c > 0), ("ge", c => c >= 0),
            ];
            foreach (var (name, test) in tests)
            {
                yield return new ScalarForm($"setp.{name}.{type} d, a, b", ["pred", type, type], (a, b, _) => test(Value(a, type).CompareTo(Value(b, type))) ? 1u : 0);
            }

            yield return new ScalarForm($"setp.le.and.{type} d, a, b, !c", ["pred", type, type, "pred"],
                (a, b, c) => Value(a, type) <= Value(b, type) && (c & 1) == 0 ? 1u : 0);
        }

        yield return new ScalarForm("setp.lo.u32 d, a, b", ["pred", "u32", "u32"], (a, b, _) => (uint)a < (uint)b ? 1u : 0);
        yield return new ScalarForm("setp.hs.u64 d, a, b", ["pred", "u64", "u64"], (a, b, _) => a >= b ? 1u : 0);
        yield return new ScalarForm("setp.ls.u32 d, a, 77", ["pred", "u32"], (a, _, _) => (uint)a <= 77 ? 1u : 0);
        yield return new ScalarForm("setp.hi.or.u32 d, a, b, c", ["pred", "u32", "u32", "pred"], (a, b, c) => (uint)a > (uint)b || (c & 1) != 0 ? 1u : 0);
        foreach (var (type, value) in new (string, Func<ulong, double>)[] { ("f32", b => F(b)), ("f64", D), ("f16", H) })
        {
            foreach (var name in "eq ne lt le gt ge equ neu ltu leu gtu geu num nan".Split(' '))
            {
                yield return new ScalarForm($"setp.{name}.{type} d, a, b", ["pred", type, type], (a, b, _) => Holds(name, value(a), value(b)) ? 1u : 0);
            }
        }

        yield return new ScalarForm("setp.lt.ftz.f32 d, a, b", ["pred", "f32", "f32"], (a, b, _) => Flush(F(a)) < Flush(F(b)) ? 1u : 0);
        yield return new ScalarForm("setp.gt.xor.f32 d, a, b, c", ["pred", "f32", "f32", "pred"], (a, b, c) => F(a) > F(b) != ((c & 1) != 0) ? 1u : 0);
        yield return new ScalarForm("testp.finite.f32 d, a", ["pred", "f32"], (a, _, _) => float.IsFinite(F(a)) ? 1u : 0);
        yield return new ScalarForm("testp.infinite.f64 d, a", ["pred", "f64"], (a, _, _) => double.IsInfinity(D(a)) ? 1u : 0);
        yield return new ScalarForm("testp.number.f32 d, a", ["pred", "f32"], (a, _, _) => float.IsNaN(F(a)) ? 0 : 1u);
        yield return new ScalarForm("testp.notanumber.f32 d, a", ["pred", "f32"], (a, _, _) => float.IsNaN(F(a)) ? 1u : 0);
        yield return new ScalarForm("testp.normal.f32 d, a", ["pred", "f32"], (a, _, _) => (a >> 23 & 255) is > 0 and < 255 ? 1u : 0);
        yield return new ScalarForm("testp.subnormal.f32 d, a", ["pred", "f32"], (a, _, _) => (a >> 23 & 255) == 0 && (a & 0x7FFFFF) != 0 ? 1u : 0);
    }

    private static bool Holds(string name, double a, double b)
    {
        var isUnordered = double.IsNaN(a) || double.IsNaN(b);
        if (name == "num") return !isUnordered;
        if (name == "nan") return isUnordered;
        if (isUnordered) return name.Length == 3;
        return name[..2] switch { "eq" => a == b, "ne" => a != b, "lt" => a < b, "le" => a <= b, "gt" => a > b, _ => a >= b };
    }

    private static float Flush(float value) => (BitConverter.SingleToUInt32Bits(value) >> 23 & 255) == 0 ? value * 0f : value;

    private static IEnumerable<ScalarForm> Floats()
    {
        string[] one = ["f32", "f32"], two = ["f32", "f32", "f32"], three = ["f32", "f32", "f32", "f32"];
        yield return new ScalarForm("add.f32 d, a, b", two, (a, b, _) => B((float)((double)F(a) + F(b))));
        yield return new ScalarForm("add.rn.ftz.f32 d, a, b", two, (a, b, _) => B(Flush((float)((double)Flush(F(a)) + Flush(F(b))))));
        yield return new ScalarForm("sub.rn.f32 d, a, b", two, (a, b, _) => B((float)((double)F(a) - F(b))));
        yield return new ScalarForm("mul.f32 d, a, b", two, (a, b, _) => B((float)((double)F(a) * F(b))));
        yield return new ScalarForm("mul.sat.f32 d, a, b", two, (a, b, _) => B(Saturate((float)((double)F(a) * F(b)))));
        yield return new ScalarForm("mul.ftz.f32 d, a, b", two, (a, b, _) => B(Flush((float)((double)Flush(F(a)) * Flush(F(b))))));
        yield return new ScalarForm("fma.rn.f32 d, a, b, c", three, (a, b, c) => B(MathF.FusedMultiplyAdd(F(a), F(b), F(c))));
        yield return new ScalarForm("fma.rn.ftz.f32 d, a, b, c", three, (a, b, c) => B(Flush(MathF.FusedMultiplyAdd(Flush(F(a)), Flush(F(b)), Flush(F(c))))));
        yield return new ScalarForm("fma.rn.sat.f32 d, a, b, c", three, (a, b, c) => B(Saturate(MathF.FusedMultiplyAdd(F(a), F(b), F(c)))));
        yield return new ScalarForm("div.rn.f32 d, a, b", two, (a, b, _) => B((float)((double)F(a) / F(b))));
        yield return new ScalarForm("div.full.f32 d, a, b", two, (a, b, _) => B((float)((double)F(a) / F(b)))) with { Ulps = 2 };
        yield return new ScalarForm("div.approx.ftz.f32 d, a, b", two, (a, b, _) => B(Flush((float)((double)Flush(F(a)) / Flush(F(b)))))) with { Ulps = 2 };
        yield return new ScalarForm("rcp.approx.ftz.f32 d, a", one, (a, _, _) => B(Flush((float)(1.0 / Flush(F(a)))))) with { Ulps = 1 };
        yield return new ScalarForm("rcp.rn.f32 d, a", one, (a, _, _) => B((float)(1.0 / F(a))));
        yield return new ScalarForm("sqrt.rn.f32 d, a", one, (a, _, _) => B((float)Math.Sqrt(F(a))));
        yield return new ScalarForm("sqrt.approx.f32 d, a", one, (a, _, _) => B((float)Math.Sqrt(F(a)))) with { Ulps = 1 };
        yield return new ScalarForm("rsqrt.approx.f32 d, a", one, (a, _, _) => B((float)(1 / Math.Sqrt(F(a))))) with { Ulps = 2 };
        yield return new ScalarForm("ex2.approx.f32 d, a", one, (a, _, _) => B((float)Math.Pow(2, F(a)))) with { Ulps = 2 };
        yield return new ScalarForm("ex2.approx.ftz.f32 d, a", one, (a, _, _) => B(Flush((float)Math.Pow(2, Flush(F(a)))))) with { Ulps = 2 };
        yield return new ScalarForm("lg2.approx.f32 d, a", one, (a, _, _) => B((float)(Math.Log(F(a)) / Math.Log(2)))) with { Ulps = 2 };
        yield return new ScalarForm("sin.approx.f32 d, a", one, (a, _, _) => B((float)Math.Sin(F(a)))) with { Ulps = 1 };
        yield return new ScalarForm("cos.approx.f32 d, a", one, (a, _, _) => B((float)Math.Cos(F(a)))) with { Ulps = 1 };
        yield return new ScalarForm("tanh.approx.f32 d, a", one, (a, _, _) => B((float)Math.Tanh(F(a)))) with { Ulps = 1 };
        yield return new ScalarForm("abs.f32 d, a", one, (a, _, _) => (uint)a & 0x7FFFFFFF);
        yield return new ScalarForm("neg.f32 d, a", one, (a, _, _) => (uint)a ^ 0x80000000);
        yield return new ScalarForm("abs.ftz.f32 d, a", one, (a, _, _) => B(MathF.Abs(Flush(F(a)))));
        yield return new ScalarForm("neg.ftz.f32 d, a", one, (a, _, _) => B(-Flush(F(a))));
        yield return new ScalarForm("copysign.f32 d, a, b", two, (a, b, _) => (b & 0x7FFFFFFF) | (a & 0x80000000));
        yield return new ScalarForm("min.f32 d, a, b", two, (a, b, _) => B(Pick(F(a), F(b), smaller: true)));
        yield return new ScalarForm("max.f32 d, a, b", two, (a, b, _) => B(Pick(F(a), F(b), smaller: false)));
        yield return new ScalarForm("min.NaN.f32 d, a, b", two, (a, b, _) => float.IsNaN(F(a)) || float.IsNaN(F(b)) ? B(float.NaN) : B(Pick(F(a), F(b), smaller: true)));
        yield return new ScalarForm("max.NaN.f32 d, a, b", two, (a, b, _) => float.IsNaN(F(a)) || float.IsNaN(F(b)) ? B(float.NaN) : B(Pick(F(a), F(b), smaller: false)));
        yield return new ScalarForm("max.ftz.f32 d, a, b", two, (a, b, _) => B(Pick(Flush(F(a)), Flush(F(b)), smaller: false)));
        string[] wide = ["f64", "f64", "f64"];
        yield return new ScalarForm("add.f64 d, a, b", wide, (a, b, _) => B(D(a) + D(b)));
        yield return new ScalarForm("sub.f64 d, a, b", wide, (a, b, _) => B(D(a) - D(b)));
        yield return new ScalarForm("mul.rn.f64 d, a, b", wide, (a, b, _) => B(D(a) * D(b)));
        yield return new ScalarForm("div.rn.f64 d, a, b", wide, (a, b, _) => B(D(a) / D(b)));
        yield return new ScalarForm("fma.rn.f64 d, a, b, c", ["f64", "f64", "f64", "f64"], (a, b, c) => B(Math.FusedMultiplyAdd(D(a), D(b), D(c))));
        yield return new ScalarForm("rcp.rn.f64 d, a", ["f64", "f64"], (a, _, _) => B(1 / D(a)));
        yield return new ScalarForm("sqrt.rn.f64 d, a", ["f64", "f64"], (a, _, _) => B(Math.Sqrt(D(a))));
        yield return new ScalarForm("neg.f64 d, a", ["f64", "f64"], (a, _, _) => a ^ (1UL << 63));
        yield return new ScalarForm("abs.f64 d, a", ["f64", "f64"], (a, _, _) => a & ~(1UL << 63));
        yield return new ScalarForm("min.f64 d, a, b", wide, (a, b, _) => B(double.IsNaN(D(a)) ? D(b) : double.IsNaN(D(b)) ? D(a) : Math.Min(D(a), D(b))));
        yield return new ScalarForm("max.f64 d, a, b", wide, (a, b, _) => B(double.IsNaN(D(a)) ? D(b) : double.IsNaN(D(b)) ? D(a) : Math.Max(D(a), D(b))));
        yield return new ScalarForm("copysign.f64 d, a, b", wide, (a, b, _) => (b & ~(1UL << 63)) | (a & (1UL << 63)));
    }

    private static float Saturate(float value) => float.IsNaN(value) || value <= 0 ? 0 : value > 1 ? 1 : value;

    private static float Pick(float a, float b, bool smaller)
    {
        if (float.IsNaN(a)) return b;
        if (float.IsNaN(b)) return a;
        if (a == 0 && b == 0) return smaller == float.IsNegative(a) ? a : b;
        return a < b == smaller ? a : b;
    }

    /// <summary>Nearest 16-bit float by searching the format itself: slow, and independent of every conversion routine.</summary>
    private static ulong Nearest(double value, bool isBrain)
    {
        if (double.IsNaN(value)) return 0x7FFF;
        var sign = double.IsNegative(value) ? 0x8000u : 0;
        var magnitude = Math.Abs(value);
        uint infinity = isBrain ? 0x7F80u : 0x7C00u;
        uint low = 0, high = infinity - 1;
        double At(uint bits) => isBrain ? BF(bits) : H(bits);
        var largest = At(high);
        var step = largest - At(high - 1);
        if (magnitude >= largest + (step / 2)) return sign | infinity;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (At(middle) <= magnitude) low = middle;
            else high = middle - 1;
        }

        if (low == infinity - 1) return sign | low;
        double below = magnitude - At(low), above = At(low + 1) - magnitude;
        return sign | (below < above || (below == above && (low & 1) == 0) ? low : low + 1);
    }

    private static IEnumerable<ScalarForm> Halves()
    {
        foreach (var (type, isBrain) in new[] { ("f16", false), ("bf16", true) })
        {
            Func<ulong, double> value = isBrain ? BF : H;
            ScalarForm Scalar(string text, Func<double, double, double, double> f, int sources) => new(
                $"{text}.{type} d, {string.Join(", ", new[] { "a", "b", "c" }.Take(sources))}",
                [.. Enumerable.Repeat("b16", sources + 1)], (a, b, c) => Nearest(f(value(a), value(b), value(c)), isBrain));
            ScalarForm Packed(string text, Func<double, double, double, double> f, int sources) => new(
                $"{text}.{type}x2 d, {string.Join(", ", new[] { "a", "b", "c" }.Take(sources))}",
                [.. Enumerable.Repeat("b32", sources + 1)],
                (a, b, c) => Nearest(f(value(a), value(b), value(c)), isBrain) | (Nearest(f(value(a >> 16), value(b >> 16), value(c >> 16)), isBrain) << 16));
            foreach (var make in new Func<string, Func<double, double, double, double>, int, ScalarForm>[] { Scalar, Packed })
            {
                yield return make("add", (a, b, _) => a + b, 2);
                yield return make("sub", (a, b, _) => a - b, 2);
                yield return make("mul", (a, b, _) => a * b, 2);
                yield return make("fma.rn", Fused, 3);
                yield return make("fma.rn.relu", (a, b, c) => Fused(a, b, c) is var r && r <= 0 ? 0 : r, 3);
                yield return make("min", (a, b, _) => Pick((float)a, (float)b, smaller: true), 2);
                yield return make("max", (a, b, _) => Pick((float)a, (float)b, smaller: false), 2);
            }

            yield return new ScalarForm($"neg.{type}x2 d, a", ["b32", "b32"], (a, _, _) => (uint)a ^ 0x80008000);
            yield return new ScalarForm($"abs.{type} d, a", ["b16", "b16"], (a, _, _) => a & 0x7FFF);
        }

        yield return new ScalarForm("ex2.approx.f16 d, a", ["b16", "b16"], (a, _, _) => Nearest(Math.Pow(2, H(a)), false));
        yield return new ScalarForm("tanh.approx.f16x2 d, a", ["b32", "b32"], (a, _, _) => Nearest(Math.Tanh(H(a)), false) | (Nearest(Math.Tanh(H(a >> 16)), false) << 16));
    }

    /// <summary>a·b + c without losing a tail that could decide a tie: exact in decimal-free integer arithmetic.</summary>
    private static double Fused(double a, double b, double c)
    {
        if (!double.IsFinite(a) || !double.IsFinite(b) || !double.IsFinite(c)) return (a * b) + c;
        var scale = BigInteger.One << 300;
        BigInteger Exact(double v) => (BigInteger)(v * Math.Pow(2, 150)) << 150;
        var sum = ((Exact(a) * Exact(b)) / scale) + Exact(c);
        if (sum.IsZero) return (a * b) + c;
        var magnitude = BigInteger.Abs(sum);
        var extra = (int)Math.Max(0, (long)magnitude.GetBitLength() - 52);
        var kept = magnitude >> extra;
        if (kept << extra != magnitude) kept |= 1;
        return (double)kept * Math.Pow(2, extra - 300) * sum.Sign;
    }

    private static IEnumerable<ScalarForm> Conversions()
    {
        string[] types = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"];
        foreach (var to in types)
        {
            foreach (var from in types)
            {
                string Register(string t) => t[1..] == "8" ? t[0] + "32" : t;
                var width = int.Parse(Register(to)[1..]);
                yield return new ScalarForm($"cvt.{to}.{from} d, a", [Register(to), Register(from)],
                    (a, _, _) => Cut(Value(Cut(Value(a, from), 64), to), width));
                yield return new ScalarForm($"cvt.sat.{to}.{from} d, a", [Register(to), Register(from)],
                    (a, _, _) => Cut(BigInteger.Max(Big(to, false), BigInteger.Min(Big(to, true), Value(a, from))), width));
            }

            var register = to[1..] == "8" ? to[0] + "32" : to;
            var size = int.Parse(register[1..]);
            foreach (var (mode, round) in new (string, Func<double, double>)[] { ("rni", Math.Round), ("rzi", Math.Truncate), ("rmi", Math.Floor), ("rpi", Math.Ceiling) })
            {
                foreach (var (type, value) in new (string, Func<ulong, double>)[] { ("f32", b => F(b)), ("f64", D), ("f16", H) })
                {
                    yield return new ScalarForm($"cvt.{mode}.{to}.{type} d, a", [register, type], (a, _, _) =>
                    {
                        var v = round(value(a));
                        if (double.IsNaN(v)) return 0;
                        var whole = double.IsInfinity(v) ? Big(to, v > 0) : BigInteger.Max(Big(to, false), BigInteger.Min(Big(to, true), new BigInteger(v)));
                        return Cut(whole, size);
                    });
                }
            }

            yield return new ScalarForm($"cvt.rn.f16.{to} d, a", ["b16", register], (a, _, _) => Nearest((double)Value(a, to), false));
        }

        yield return new ScalarForm("cvt.rn.f32.s32 d, a", ["f32", "s32"], (a, _, _) => B((float)(double)(int)a));
        yield return new ScalarForm("cvt.rn.f32.u32 d, a", ["f32", "u32"], (a, _, _) => B((float)(double)(uint)a));
        yield return new ScalarForm("cvt.rn.f32.s64 d, a", ["f32", "s64"], (a, _, _) => B((float)(decimal)(long)a)) with { Ulps = 0 };
        yield return new ScalarForm("cvt.rn.f64.u64 d, a", ["f64", "u64"], (a, _, _) => B((double)(decimal)a));
        yield return new ScalarForm("cvt.f64.f32 d, a", ["f64", "f32"], (a, _, _) => B((double)F(a)));
        yield return new ScalarForm("cvt.rn.f32.f64 d, a", ["f32", "f64"], (a, _, _) => B((float)D(a)));
        yield return new ScalarForm("cvt.f32.f16 d, a", ["f32", "b16"], (a, _, _) => B((float)H(a)));
        yield return new ScalarForm("cvt.f32.bf16 d, a", ["f32", "b16"], (a, _, _) => (a & 0xFFFF) << 16);
        yield return new ScalarForm("cvt.rn.f16.f32 d, a", ["b16", "f32"], (a, _, _) => Nearest(F(a), false));
        yield return new ScalarForm("cvt.rn.bf16.f32 d, a", ["b16", "f32"], (a, _, _) => Nearest(F(a), true));
        yield return new ScalarForm("cvt.rz.bf16.f32 d, a", ["b16", "f32"], (a, _, _) => float.IsNaN(F(a)) ? 0x7FFFu : (a >> 16) & 0xFFFF);
        yield return new ScalarForm("cvt.rz.f16.f32 d, a", ["b16", "f32"], (a, _, _) => TowardZero(F(a)));
        yield return new ScalarForm("cvt.rn.relu.bf16.f32 d, a", ["b16", "f32"], (a, _, _) => F(a) <= 0 ? 0 : Nearest(F(a), true));
        yield return new ScalarForm("cvt.rn.bf16x2.f32 d, a, b", ["b32", "f32", "f32"], (a, b, _) => (Nearest(F(a), true) << 16) | Nearest(F(b), true));
        yield return new ScalarForm("cvt.rn.f16x2.f32 d, a, b", ["b32", "f32", "f32"], (a, b, _) => (Nearest(F(a), false) << 16) | Nearest(F(b), false));
        yield return new ScalarForm("cvt.rni.f32.f32 d, a", ["f32", "f32"], (a, _, _) => B(MathF.Round(F(a))));
        yield return new ScalarForm("cvt.rmi.ftz.f32.f32 d, a", ["f32", "f32"], (a, _, _) => B(Flush(MathF.Floor(Flush(F(a))))));
        yield return new ScalarForm("cvt.sat.f32.f32 d, a", ["f32", "f32"], (a, _, _) => B(Saturate(F(a))));
        BigInteger Byte(ulong v) => BigInteger.Max(-128, BigInteger.Min(127, (int)v));
        yield return new ScalarForm("cvt.pack.sat.s8.s32.b32 d, a, b, c", ["b32", "s32", "s32", "b32"], (a, b, c) => Cut(Byte(a), 8) << 8 | Cut(Byte(b), 8) | ((c & 0xFFFF) << 16));
        yield return new ScalarForm("cvt.pack.sat.u16.s32 d, a, b", ["b32", "s32", "s32"],
            (a, b, _) => ((ulong)(uint)Math.Clamp((int)a, 0, 65535) << 16) | (uint)Math.Clamp((int)b, 0, 65535));
    }

    private static ulong TowardZero(float value)
    {
        var nearest = Nearest(value, false);
        if (float.IsNaN(value) || float.IsInfinity(value)) return nearest;
        return Math.Abs(H(nearest)) > Math.Abs(value) ? nearest - 1 : nearest;
    }
}
