using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class NormConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
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
        { 1, 17003, 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void LayerNorm_AnyShape_HasZeroMeanAndUnitVariance(int rows, int columns, double center, int gap)
    {
        foreach (var hasBias in new[] { false, true })
        {
            var op = new LayerNorm(1e-5f, hasBias);
            var (x, weight, bias) = Operands(rows, columns, center);
            var expected = NormReference.LayerNorm(op, x, weight, bias);
            var (w, b) = (Place(weight), Place(bias));
            BoundTensor[] parameters = hasBias ? [w, b] : [w];
            expected.Check(Run(op, [Place(x, gap), .. parameters], out _),
                $"layer norm {rows}x{columns} around {center}");
            expected.Check(RunInPlace(op, [Place(x), .. parameters]), $"layer norm in place {rows}x{columns}");
        }
    }

    [Theory]
    [InlineData(1, 1, 2, 0)]
    [InlineData(3, 443, 2, 5)]
    [InlineData(2, 1024, 3, 64)]
    [InlineData(1, 17003, 2, 0)]
    public void LayerNorm_Groups_NormalisesEachByItself(int rows, int columns, int groups, int gap)
    {
        foreach (var hasBias in new[] { false, true })
        {
            var op = new LayerNorm(1e-5f, hasBias) { Groups = groups };
            var x = HostTensor.Uniform(1, [rows, groups * columns], 2, center: 3);
            HostTensor[] weights = [.. Enumerable.Range(0, groups).Select(i => HostTensor.Uniform(2 + i, [columns]))];
            HostTensor[] biases = [.. Enumerable.Range(0, groups).Select(i => HostTensor.Uniform(9 + i, [columns]))];
            BoundTensor[] parameters = [.. (hasBias ? weights.Concat(biases) : weights).Select(part => Place(part))];
            var expected = new Expectation(x.Shape);
            for (long i = 0; i < rows * groups; i++)
            {
                var part = HostTensor.Of([1, columns], x.Values.AsSpan((int)i * columns, columns).ToArray());
                var group = i % groups;
                var norm = NormReference.LayerNorm(new LayerNorm(1e-5f, hasBias), part, weights[group], biases[group]);
                for (var j = 0; j < columns; j++) expected.Set(i * columns + j, norm.Values[j], norm.Bounds[j]);
            }

            expected.Check(Run(op, [Place(x, gap), .. parameters], out _), $"{groups} groups of {rows}x{columns}");
            expected.Check(RunInPlace(op, [Place(x), .. parameters]), $"{groups} groups in place {rows}x{columns}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RmsNorm_AnyShape_HasUnitMeanSquare(int rows, int columns, double center, int gap)
    {
        var op = new RmsNorm(1e-6f);
        var (x, weight, _) = Operands(rows, columns, center);
        var expected = NormReference.RmsNorm(op, x, weight);
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
        (HostTensor.Uniform(1, [rows, columns], 2, center), HostTensor.Uniform(2, [columns]),
            HostTensor.Uniform(3, [columns]));
}
