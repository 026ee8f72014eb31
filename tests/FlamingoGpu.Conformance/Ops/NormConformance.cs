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
