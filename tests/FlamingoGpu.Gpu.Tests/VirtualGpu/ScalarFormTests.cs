using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Every arithmetic form against a scalar oracle, on random and on awkward values.</summary>
public class ScalarFormTests
{
    private static readonly ulong[] Awkward =
    [
        0, 1, 2, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue, 0x3C00_3C00, 0x7C00_FC00, 0x0001_8001, 0x3F80_0000, 0xBF80_0000,
        0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x0000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0x3F80_8000, 0x3F81_8000, 0x4B00_0001,
        0x3FF0_0000_0000_0000, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x41E0_0000_0000_0000, 0x4000_0000_0020_0000, 0x4000_0000_3F00_0000,
    ];

    public static TheoryData<string> Texts => [.. ScalarForms.All.Keys];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Run_EveryForm_EqualsItsOracle(string text)
    {
        var form = ScalarForms.All[text];
        var sources = form.Types.Length - 1;
        var value = Gen.OneOf(
            Gen.Elements(Awkward),
            ArbMap.Default.GeneratorFor<ulong>().Select(v => v * 0x9E3779B97F4A7C15),
            ArbMap.Default.GeneratorFor<int>().Select(v => (ulong)(long)v),
            ArbMap.Default.GeneratorFor<int>().Select(v => (ulong)BitConverter.SingleToUInt32Bits(v / 16f)),
            ArbMap.Default.GeneratorFor<int>().Select(v => BitConverter.DoubleToUInt64Bits(v / 16.0)));
        var inputs = value.ArrayOf(FormRunner.Threads).ArrayOf(3);
        Prop.ForAll(inputs.ToArbitrary(), all =>
        {
            var results = FormRunner.Run(text, form.Types, [.. all.Take(sources)]);
            for (var i = 0; i < FormRunner.Threads; i++)
            {
                var (a, b, c) = (all[0][i], all[1][i], all[2][i]);
                if (!form.IsDefined(a, b, c)) continue;
                var expected = form.Oracle(a, b, c);
                Assert.True(IsClose(results[i], expected, form),
                    $"{text}: a={a:x} b={b:x} c={c:x}: expected {expected:x}, got {results[i]:x}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4).WithQuietOnSuccess(true));
    }

    private static bool IsClose(ulong actual, ulong expected, ScalarForm form)
    {
        if (actual == expected) return true;
        if (form.Types[0] == "f32") return IsClose(BitConverter.UInt32BitsToSingle((uint)actual), BitConverter.UInt32BitsToSingle((uint)expected), form.Ulps);
        if (form.Types[0] == "f64") return double.IsNaN(BitConverter.UInt64BitsToDouble(actual)) && double.IsNaN(BitConverter.UInt64BitsToDouble(expected));
        return IsSameHalf(actual, expected, form) && IsSameHalf(actual >> 16, expected >> 16, form);
    }

    private static bool IsClose(float actual, float expected, int ulps)
    {
        if (float.IsNaN(actual) || float.IsNaN(expected)) return float.IsNaN(actual) && float.IsNaN(expected);
        var distance = Math.Abs((long)BitConverter.SingleToInt32Bits(actual) - BitConverter.SingleToInt32Bits(expected));
        return distance <= ulps;
    }

    /// <summary>NaN of 16-bit floats may carry any payload.</summary>
    private static bool IsSameHalf(ulong actual, ulong expected, ScalarForm form)
    {
        if ((actual & 0xFFFF) == (expected & 0xFFFF)) return true;
        var infinity = form.Text.Contains("bf16", StringComparison.Ordinal) ? 0x7F80u : 0x7C00u;
        return form.Text.Contains("f16", StringComparison.Ordinal) && (actual & 0x7FFF) > infinity && (expected & 0x7FFF) > infinity;
    }
}
