using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>The ops of a beam search step.</summary>
public abstract class BeamConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(3, 443, 1)]
    [InlineData(2, 4096, 4)]
    public void BeamScores_AnyShape_AreLogProbabilitiesPlusSums(int rows, int columns, int gap)
    {
        var x = HostTensor.Uniform(1, [rows, columns], 6);
        var sums = HostTensor.Uniform(2, [rows], 5, center: -9);
        var banned = new int[ProcessLogits.WordsFor(columns)];
        if (columns > 40) (banned[0], banned[1]) = (0x00000101, 1 << 3);
        var expected = LogSoftmaxReference.Expect(x);
        for (var i = 0; i < expected.Values.Length; i++)
        {
            // One more rounding, of the sum.
            var value = expected.Values[i] + sums.Values[i / columns];
            expected.Set(i, value, expected.Bounds[i] + Expectation.U * (Math.Abs(value) + expected.Bounds[i]));
        }

        var bans = Place(HostTensor.Integers([banned.Length], banned));
        var apart = Run(new BeamScores(), Place(x, gap), Place(sums), bans);
        foreach (var actual in new[] { apart, RunInPlace(new BeamScores(), Place(x), Place(sums), bans) })
        {
            for (var i = 0; i < actual.Length; i++)
            {
                if ((banned[i % columns / 32] >> (i % columns % 32) & 1) == 0) continue;
                Assert.Equal(float.NegativeInfinity, actual[i]);
                actual[i] = (float)expected.Values[i];
            }

            expected.Check(actual, $"beam scores {rows}x{columns}");
        }
    }

    [Fact]
    public void BeamStep_OfThreeBeams_GivesCandidatesAndScores()
    {
        // Only the first beam counts at the first step; with it as one row of beams, its best come out.
        const int Columns = 50;
        var x = HostTensor.Uniform(1, [3, Columns], 4);
        var scores = Run(new BeamScores(), Place(x), Place(HostTensor.Of([3], 0, -1e9, -1e9)),
            Place(HostTensor.Integers([2], 0, 0)));
        var row = Place(HostTensor.Of([1, 3 * Columns], [.. scores.Select(score => (double)score)]));
        var ids = Run(new TopK(6), row);
        var expected = Enumerable.Range(0, Columns).OrderByDescending(id => x.Values[id]).Take(6)
            .Select(id => (float)id);
        Assert.Equal(expected, ids);
        var picked = Run(new PickElements(), row, Place(HostTensor.Integers([1, 6], [.. ids.Select(id => (int)id)])));
        Assert.Equal(ids.Select(id => scores[(int)id]), picked);
    }

    [Fact]
    public void BeamScores_RowThatIsNotFinite_IsNaN()
    {
        var x = HostTensor.Of([2, 3], 1, double.NaN, 2, 1, double.PositiveInfinity, 2);
        var actual = Run(new BeamScores(), Place(x), Place(HostTensor.Of([2], 0, 0)),
            Place(HostTensor.Integers([1], 1)));
        Assert.All(actual.Where((_, i) => i != 4), value =>
            Assert.True(float.IsNaN(value) || float.IsNegativeInfinity(value)));
        Assert.Equal([-1f, -1, -1, -1],
            Run(new TopK(2), Place(HostTensor.Of([2, 3], [.. actual.Select(value => (double)value)]))));
    }

    [Theory]
    [InlineData(DType.F32, 3, 16)]
    [InlineData(DType.F32, 4, 5)]
    [InlineData(DType.F32, 1, 8)]
    [InlineData(DType.F32, 9, 4)]
    public void ReorderRows_AnyParents_AreContinued(DType type, int group, int width) => Reorder(type, group, width);

    protected void Reorder(DType type, int group, int width)
    {
        const int Layers = 3;
        const int Groups = 2;
        const int Tokens = 11;
        var rows = Groups * group + 1;
        var x = HostTensor.Uniform(1, [Layers, rows, Tokens, width], dtype: type);
        var random = new Random(group);
        int[] parents = [.. Enumerable.Range(0, Groups * group).Select(row => row / group * group
            + random.Next(group))];
        if (group > 2) (parents[0], parents[1], parents[2]) = (1, 2, 0); // a cycle
        if (group == 4) parents[5] = 3; // not of its group: stays
        int[] from = [2, 0];
        int[] to = [9, Tokens + 3];
        var expected = Array.ConvertAll(x.Values, value => (float)value);
        for (var i = 0; i < expected.Length; i++)
        {
            var (row, token) = (i / width / Tokens % rows, i / width % Tokens);
            if (row == rows - 1 || parents[row] / group != row / group) continue;
            var (first, end) = (from[row / group], Math.Min(to[row / group], from[row / group] + 8));
            if (token >= first && token < end) expected[i] = (float)x.Values[i + (parents[row] - row) * Tokens * width];
        }

        Assert.Equal(expected, RunInPlace(
            new ReorderRows(group, 8), Place(x), Integers(parents), Integers(from), Integers(to)));
        BoundTensor Integers(int[] values) => Place(HostTensor.Integers([values.Length], values));
    }
}
