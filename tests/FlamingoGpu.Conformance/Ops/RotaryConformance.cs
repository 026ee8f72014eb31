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
    [InlineData(2, 3, 2, 96, 32)]
    public void Rotary_AnyPositions_TurnsPairs(int batch, int tokens, int heads, int dim, int rotaryDims)
    {
        var op = new Rotary(heads, dim, rotaryDims, 10000f);
        var x = HostTensor.Uniform(1, [batch, tokens, heads * dim]);
        var random = new Random(2);
        var positions = new int[batch * tokens];
        for (var i = 0; i < positions.Length; i++) positions[i] = random.Next(2048);
        var expected = RotaryReference.Expect(op, x, positions);
        var actual = Run(op, Place(x, 2 * heads * dim), Place(HostTensor.Integers([batch, tokens], positions)));
        expected.Check(actual, $"rotary {batch}x{tokens} {heads}x{dim} of {rotaryDims}");
    }

    [Fact]
    public void Rotary_LargePositions_TurnByTheirExactAngle()
    {
        // The first frequency is 1, so that the angle is the position itself and all of the error is that of sine and
        // cosine.
        int[] positions = [.. Enumerable.Range(0, 2000), .. Enumerable.Range(0, 2000).Select(i => 131071 - 65 * i)];
        var x = HostTensor.Of([1, positions.Length, 2], [.. positions.SelectMany(_ => new[] { 1.0, 0.0 })]);
        var expected = new Expectation(x.Shape);
        for (var i = 0; i < positions.Length; i++)
        {
            expected.Set(2 * i, Math.Cos(positions[i]), 2 * Expectation.U);
            expected.Set(2 * i + 1, Math.Sin(positions[i]), 2 * Expectation.U);
        }

        expected.Check(
            Run(new Rotary(1, 2, 2, 10000f), Place(x), Place(HostTensor.Integers([1, positions.Length], positions))),
                "rotary of (1, 0)");
    }

    [Fact]
    public void Rotary_NegativePosition_IsRefused() => RequireRefused(
        new Rotary(1, 4, 4, 10000f), Place(HostTensor.Uniform(1, [1, 1, 4])), Place(HostTensor.Integers([1, 1], -1)));
}
