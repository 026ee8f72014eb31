using FlamingoGpu.Bench;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Bench;

public sealed class SamplesTests
{
    [Theory]
    [InlineData(new[] { 7.0 }, 7.0)]
    [InlineData(new[] { 9.0, 1.0 }, 5.0)]
    [InlineData(new[] { 100.0, 1.0, 3.0 }, 3.0)]
    [InlineData(new[] { 4.0, 1.0, 100.0, 3.0 }, 3.5)]
    public void Median_KnownRepeats_IsTheMiddle(double[] values, double median) => Assert.Equal(median, new Samples(values).Median);

    [Fact]
    public void Samples_AnyRepeats_AreOrderedAndCounted() => Prop.ForAll<NonEmptyArray<NormalFloat>>(values =>
    {
        var numbers = values.Get.Select(value => value.Get).ToArray();
        var samples = new Samples(numbers);
        return samples.Minimum == numbers.Min() && samples.Maximum == numbers.Max() && samples.Count == numbers.Length
            && numbers.Count(value => value <= samples.Maximum) == numbers.Length
            && 2 * numbers.Count(value => value <= samples.Median) >= numbers.Length
            && 2 * numbers.Count(value => value >= samples.Median) >= numbers.Length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void GeometricMean_MissingRatio_IsMissing()
    {
        Assert.Equal(2, BenchReport.GeometricMean([1, 4])!.Value, 12);
        Assert.Null(BenchReport.GeometricMean([1, null]));
        Assert.Null(BenchReport.GeometricMean([]));
    }
}
