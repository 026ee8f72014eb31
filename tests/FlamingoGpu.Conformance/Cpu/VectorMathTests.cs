using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>The stated error bounds of the elementary functions, over a dense walk through the floats of their range.</summary>
public sealed unsafe class VectorMathTests
{
    [Fact]
    public void Exp_WholeRange_IsWithinTwoUlp() => Check(VectorMath.Exp, Math.Exp, -87.3f, 88.7f, 1.5);

    [Fact]
    public void Exp_Subnormals_AreRoundedTwice()
    {
        foreach (var x in Walk(-103.9f, -87.4f))
            Assert.Equal(Math.Exp(x), One<Lanes4>(VectorMath.Exp, x), 1.5 * float.Epsilon + 2e-7 * Math.Exp(x));
    }

    [Fact]
    public void Exp_BeyondTheRange_GivesTheLimits()
    {
        Assert.Equal(0f, One<Lanes4>(VectorMath.Exp, -110f));
        Assert.Equal(0f, One<Lanes4>(VectorMath.Exp, float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, One<Lanes4>(VectorMath.Exp, 89f));
        Assert.Equal(float.PositiveInfinity, One<Lanes4>(VectorMath.Exp, float.PositiveInfinity));
        Assert.Equal(1f, One<Lanes4>(VectorMath.Exp, 0f));
        Assert.True(float.IsNaN(One<Lanes4>(VectorMath.Exp, float.NaN)));
    }

    [Fact]
    public void Erf_WholeRange_IsWithinTwoUlp() => Check(VectorMath.Erf, Reference.Erf, -5f, 5f, 1.5);

    [Fact]
    public void Tanh_WholeRange_IsWithinTwoUlp() => Check(VectorMath.Tanh, Math.Tanh, -12f, 12f, 2);

    [Fact]
    public void Sigmoid_WholeRange_IsWithinThreeUlp() => Check(VectorMath.Sigmoid, Reference.Sigmoid, -80f, 80f, 2.5);

    private delegate TLanes Function<TLanes>(TLanes x);

    private static void Check(Function<Lanes4> function, Func<double, double> exact, float from, float to, double bound)
    {
        double worst = 0, at = 0;
        foreach (var x in Walk(from, to))
        {
            var expected = exact(x);
            var ulp = Math.ScaleB(1, Math.Max(-126, expected == 0 ? -126 : Math.ILogB(expected)) - 23);
            var error = Math.Abs(One(function, x) - expected) / ulp;
            if (!(error <= worst)) (worst, at) = (error, x);
        }

        Assert.True(worst <= bound, $"{worst:G4} ULP at {at:G9}, bound {bound}");
    }

    /// <summary>Floats of both an even and a logarithmic spacing.</summary>
    private static IEnumerable<float> Walk(float from, float to)
    {
        for (var i = 0; i <= 200_000; i++) yield return from + (to - from) * (i / 200_000f);
        if (from > 0 || to < 0) yield break;
        for (var x = 1e-30f; x < Math.Min(-from, to); x *= 1.0009f)
        {
            yield return x;
            yield return -x;
        }
    }

    private static float One<TLanes>(Function<TLanes> function, float x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var lanes = stackalloc float[16];
        for (var i = 0; i < 16; i++) lanes[i] = x;
        function(TLanes.Load(lanes)).Store(lanes);
        return lanes[0];
    }
}
