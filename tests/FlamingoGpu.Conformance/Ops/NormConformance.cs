using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class NormConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    private const double U = Expectation.U;

    public static TheoryData<int, int, double, int> Shapes => new()
    {
        { 1, 1, 0, 0 },
        { 0, 16, 0, 0 },
        { 7, 443, 0, 0 },
        { 3, 127, 100, 5 },
        { 65, 64, 0, 64 },
        { 2, 1024, 0, 0 },
        { 5, 2048, 1000, 0 },
        { 1, 4097, 0, 3 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void LayerNorm_AnyShape_HasZeroMeanAndUnitVariance(int rows, int columns, double center, int gap)
    {
        foreach (var hasBias in new[] { false, true })
        {
            var op = new LayerNorm(1e-5f, hasBias);
            var (x, weight, bias) = Operands(rows, columns, center);
            var expected = new Expectation(x.Shape);
            for (var row = 0; row < rows; row++)
            {
                var values = x.Row(row).ToArray();
                var mean = values.Average();
                var variance = values.Average(value => (value - mean) * (value - mean));
                var scale = 1 / Math.Sqrt(variance + op.Epsilon);

                // The mean is off by its sum's and its own rounding; every difference shifts by that and rounds once; the
                // variance, and half of that the scale, is off by the roundings of n squares and the squared shift.
                var shift = (Expectation.SumRoundings(columns) + 1) * U * values.Average(Math.Abs);
                var relative = (Expectation.SumRoundings(columns) / 2 + 4) * U + shift * shift * scale * scale;
                for (var i = 0; i < columns; i++)
                {
                    var normal = (values[i] - mean) * scale;
                    var bound = shift * scale + (relative + 3 * U) * Math.Abs(normal);
                    var value = normal * weight.Values[i] + (hasBias ? bias.Values[i] : 0);
                    bound = bound * Math.Abs(weight.Values[i]) + 2 * U * (Math.Abs(value) + Math.Abs(bias.Values[i]));
                    expected.Set((long)row * columns + i, value, bound);
                }
            }

            var (w, b) = (Place(weight), Place(bias));
            BoundTensor[] parameters = hasBias ? [w, b] : [w];
            expected.Check(Run(op, [Place(x, gap), .. parameters], out _), $"layer norm {rows}x{columns} around {center}");
            expected.Check(RunInPlace(op, [Place(x), .. parameters]), $"layer norm in place {rows}x{columns}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RmsNorm_AnyShape_HasUnitMeanSquare(int rows, int columns, double center, int gap)
    {
        var op = new RmsNorm(1e-6f);
        var (x, weight, _) = Operands(rows, columns, center);
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < rows; row++)
        {
            var values = x.Row(row).ToArray();
            var scale = 1 / Math.Sqrt(values.Average(value => value * value) + op.Epsilon);
            for (var i = 0; i < columns; i++)
            {
                var value = values[i] * scale * weight.Values[i];
                expected.Set((long)row * columns + i, value, (Expectation.SumRoundings(columns) / 2 + 5) * U * Math.Abs(value));
            }
        }

        expected.Check(Run(op, Place(x, gap), Place(weight)), $"rms norm {rows}x{columns} around {center}");
        expected.Check(RunInPlace(op, Place(x), Place(weight)), $"rms norm in place {rows}x{columns}");
    }

    [Fact]
    public void LayerNorm_ConstantRow_GivesTheBias()
    {
        var x = HostTensor.Uniform(1, [2, 40], 0, center: 3.5);
        var bias = HostTensor.Uniform(2, [40]);
        var actual = Run(new LayerNorm(1e-5f, true), Place(x), Place(HostTensor.Uniform(3, [40])), Place(bias));
        for (var i = 0; i < actual.Length; i++) Assert.Equal((float)bias.Values[i % 40], actual[i]);
    }

    private static (HostTensor X, HostTensor Weight, HostTensor Bias) Operands(int rows, int columns, double center) =>
        (HostTensor.Uniform(1, [rows, columns], 2, center), HostTensor.Uniform(2, [columns]), HostTensor.Uniform(3, [columns]));
}
