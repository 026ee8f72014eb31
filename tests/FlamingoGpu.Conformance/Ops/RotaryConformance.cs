using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

public abstract class RotaryConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 1, 2, 2)]
    [InlineData(2, 7, 3, 80, 80)]
    [InlineData(1, 5, 2, 128, 128)]
    [InlineData(3, 2, 2, 64, 16)]
    [InlineData(1, 3, 5, 7, 6)]
    [InlineData(0, 3, 1, 8, 8)]
    public void Rotary_AnyPositions_TurnsPairs(int batch, int tokens, int heads, int dim, int rotaryDims)
    {
        var op = new Rotary(heads, dim, rotaryDims, 10000f);
        var x = HostTensor.Uniform(1, [batch, tokens, heads * dim]);
        var random = new Random(2);
        var positions = new int[batch * tokens];
        for (var i = 0; i < positions.Length; i++) positions[i] = random.Next(2048);
        var expected = new Expectation(x.Shape);
        for (var row = 0; row < batch * tokens; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                var (values, bounds) = RotaryReference.Turn(x.Row(row).Slice(head * dim, dim), rotaryDims, positions[row]);
                for (var i = 0; i < dim; i++) expected.Set(((long)row * heads + head) * dim + i, values[i], bounds[i]);
            }
        }

        var actual = Run(op, Place(x, 2 * heads * dim), Place(HostTensor.Integers([batch, tokens], positions)));
        expected.Check(actual, $"rotary {batch}x{tokens} {heads}x{dim} of {rotaryDims}");
    }

    [Fact]
    public void Rotary_NegativePosition_IsRefused() => RequireRefused(
        new Rotary(1, 4, 4, 10000f), Place(HostTensor.Uniform(1, [1, 1, 4])), Place(HostTensor.Integers([1, 1], -1)));
}
