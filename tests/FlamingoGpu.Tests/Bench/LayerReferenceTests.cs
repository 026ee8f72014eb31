using FlamingoGpu.Bench;

namespace FlamingoGpu.Tests.Bench;

public sealed class LayerReferenceTests
{
    [Theory] // Abramowitz and Stegun, table 7.1, and further digits of the same function
    [InlineData(0, 0)]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(1, 0.8427007929497149)]
    [InlineData(-2, -0.9953222650189527)]
    [InlineData(3, 0.9999779095030014)]
    [InlineData(7, 1)]
    public void Erf_KnownValues_AreExactToDoublePrecision(double x, double expected) =>
        Assert.Equal(expected, LayerReference.Erf(x), tolerance: 4e-16);
}
