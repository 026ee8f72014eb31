using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class ActivateConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(0, 4, 0)]
    [InlineData(7, 443, 0)]
    [InlineData(3, 127, 9)]
    [InlineData(9, 4096, 0)]
    public void Activate_EveryFunction_IsTheFunction(int rows, int columns, int gap)
    {
        foreach (var function in Enum.GetValues<Activation>())
        {
            foreach (var range in new[] { 0.01, 1.0, 8.0, 120.0 })
            {
                var x = HostTensor.Uniform(rows, [rows, columns], range);
                var expected = new Expectation(x.Shape);
                for (var i = 0; i < x.Values.Length; i++)
                {
                    var (value, bound) = Reference.Activate(function, x.Values[i], 0);
                    expected.Set(i, value, bound);
                }

                expected.Check(Run(new Activate(function), Place(x, gap)), $"{function} ±{range}");
                expected.Check(RunInPlace(new Activate(function), Place(x)), $"{function} ±{range} in place");
            }
        }
    }

    [Fact]
    public void Activate_Extremes_AreTheLimits()
    {
        var x = HostTensor.Of([6], 0, 1e30, -1e30, 88, -104, 200);
        foreach (var function in new[] { Activation.GeluErf, Activation.GeluTanh, Activation.QuickGelu, Activation.Silu, Activation.Relu })
        {
            var actual = Run(new Activate(function), Place(x));
            Assert.Equal([0f, 1e30f, 0f, 88f, 0f, 200f], Array.ConvertAll(actual, value => Math.Abs(value) < 1e-30f ? 0f : value));
        }
    }

    [Fact]
    public void Activate_WhereTheExponentialOverflows_IsTheFunction()
    {
        var x = HostTensor.Of([256], [.. Enumerable.Range(0, 256).Select(i => -87.5 - i / 128.0)]);
        var expected = new Expectation(x.Shape);
        for (var i = 0; i < 256; i++)
        {
            var (value, bound) = Reference.Activate(Activation.Silu, x.Values[i], 0);
            expected.Set(i, value, bound);
        }

        expected.Check(Run(new Activate(Activation.Silu), Place(x)), "silu around the overflow of exp(-x)");
    }

    [Fact]
    public void Activate_NaN_StaysNaN()
    {
        foreach (var function in Enum.GetValues<Activation>())
            Assert.True(float.IsNaN(Run(new Activate(function), Place(HostTensor.Of([17], [.. new double[16], double.NaN])))[16]), function.ToString());
    }
}
