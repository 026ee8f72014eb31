using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Conformance.Ops;

/// <summary>The ops that choose tokens.</summary>
public abstract class SamplingConformance<TTarget> : OpConformance<TTarget>
    where TTarget : IConformanceTarget, new()
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(0, 7, 0)]
    [InlineData(3, 443, 1)]
    [InlineData(2, 9001, 0)]
    [InlineData(67, 132, 4)]
    public void ArgMax_AnyShape_IsTheFirstOfTheLargest(int rows, int columns, int gap)
    {
        // Few levels, so that there are many equal elements.
        var x = Levels(rows, columns, levels: 40);
        var expected = Enumerable.Range(0, rows).Select(row => (float)Order(x.Row(row)).First());
        Assert.Equal(expected, Run(new ArgMax(), Place(x, gap)));
    }

    [Fact]
    public void ArgMax_RowsWithoutAChoice_AreMinusOne()
    {
        var x = HostTensor.Of(
            [6, 3], -1, double.NaN, 5, 1, 2, double.PositiveInfinity, double.NegativeInfinity,
                double.NegativeInfinity, double.NegativeInfinity,
            double.NegativeInfinity, -7, double.NegativeInfinity, -0.0, 0, -1, -3e38, -1e-40, -2e-40);
        Assert.Equal([-1f, -1f, -1f, 1f, 0f, 1f], Run(new ArgMax(), Place(x)));
    }

    [Theory]
    [InlineData(1, 1, 1, 5, 0)]
    [InlineData(3, 443, 5, 9, 1)]
    [InlineData(2, 128, 128, 6, 0)]
    [InlineData(2, 2500, 64, 1000000, 4)]
    [InlineData(1, 9001, 128, 300, 0)]
    [InlineData(1, 50281, 5, 1000, 0)]
    [InlineData(1, 51200, 64, 1000, 0)]
    [InlineData(1, 51201, 3, 100, 0)]
    public void TopK_AnyShape_AreTheFirstOfTheOrder(int rows, int columns, int count, int levels, int gap)
    {
        var x = Levels(rows, columns, levels);
        var expected = Enumerable.Range(0, rows).SelectMany(row =>
            Order(x.Row(row)).Take(count).Select(id => (float)id));
        Assert.Equal(expected, Run(new TopK(count), Place(x, gap)));
    }

    [Fact]
    public void TopK_OfSpecialValues_OrdersThemAndReportsRowsThatAreNotFinite()
    {
        var x = HostTensor.Of([3, 4], 1, double.NegativeInfinity, -5, double.NegativeInfinity, 1, 2, double.NaN, 3,
            -0.0, 0, -0.0, -1);
        Assert.Equal([0f, 2, 1, -1, -1, -1, 0, 1, 2], Run(new TopK(3), Place(x)));
    }

    public static TheoryData<int, float, int, float, float> Samplings => new()
    {
        { 1, 1f, 0, 1f, 0f },
        { 443, 1f, 0, 1f, 0f },
        { 443, 0.7f, 10, 1f, 0f },
        { 443, 1.3f, 0, 0.8f, 0f },
        { 443, 1f, 0, 1f, 0.2f },
        { 2048, 0.9f, 100, 0.853f, 0.05f },
        { 5003, 2f, 0, 0.5f, 0f },
        { 300, 1f, 1000, 0.3f, 0.9f },
    };

    [Theory]
    [MemberData(nameof(Samplings))]
    public void SampleToken_DrawsInsideEveryKindOfInterval_GiveTheirId(int columns, float temperature, int topK,
        float topP, float minP)
    {
        foreach (var levels in new[] { 12, 1 << 20 })
        {
            var op = new SampleToken(temperature, topK, topP, minP);
            var row = Levels(1, columns, levels);
            var kept = SamplingReference.Kept(op, row.Row(0));
            Assert.True(kept.TopPMargin > SamplingReference.Error(columns),
                "this TopP lies on a boundary; take another");

            // Draws in the middle and close to both ends of some intervals, outside the error of the boundaries.
            var error = SamplingReference.Error(columns);
            var ranks = new[] { 0, 1, kept.Ids.Count / 2, kept.Ids.Count - 2, kept.Ids.Count - 1 };
            var draws = new List<float>();
            foreach (var rank in ranks.Where(rank => rank >= 0 && rank < kept.Ids.Count).Distinct())
            {
                var (start, end) = (kept.Start(rank), kept.Start(rank + 1));
                foreach (var draw in new[] { start + 1.5 * error, (start + end) / 2, end - 1.5 * error })
                {
                    if ((float)draw - start > error && end - (float)draw > error) draws.Add((float)draw);
                }
            }

            Assert.True(draws.Count >= 3, "too few draws are decided");
            var rows = draws.Count;
            var x = HostTensor.Of([rows, columns],
                [.. Enumerable.Repeat(row.Values, rows).SelectMany(values => values)]);
            var placed = HostTensor.Of([rows], [.. draws.Select(draw => (double)draw)]);
            var expected = placed.Values.Select(draw => (float)kept.IdAt(draw));
            Assert.Equal(expected, Run(op, Place(x, 3), Place(placed)));
        }
    }

    [Theory]
    [InlineData(51200)] // partly in shared memory
    [InlineData(51201)] // read again
    public void SampleToken_RowBeyondRegisters_IsTheSameChoice(int columns)
    {
        var x = Levels(1, columns, 1 << 20);
        var op = new SampleToken(1f, 7, 0.9f);
        var kept = SamplingReference.Kept(op, x.Row(0));
        Assert.True(kept.TopPMargin > SamplingReference.Error(columns));
        Assert.Equal([(float)kept.IdAt(0.4)], Run(op, Place(x), Place(HostTensor.Of([1], 0.4))));
    }

    [Fact]
    public void SampleToken_RowsWithoutAChoiceOrWithOne_AreDecided()
    {
        var x = HostTensor.Of(
            [4, 3], -1, double.NaN, 5, 1, 2, double.PositiveInfinity, double.NegativeInfinity,
                double.NegativeInfinity, double.NegativeInfinity,
            double.NegativeInfinity, -7, double.NegativeInfinity);
        var draws = Place(HostTensor.Of([4], 0.5, 0, 0.5, 0.99));
        Assert.Equal([-1f, -1f, -1f, 1f], Run(new SampleToken(0.5f, 2, 0.9f, 0.1f), Place(x), draws));
    }

    [Fact]
    public void SampleToken_DrawsAtTheEnds_TakeTheFirstAndTheLastWithWeight()
    {
        var x = HostTensor.Of([3, 4], -3, 1, -500, 0, -3, 1, -500, 0, -3, 1, -500, 0);
        var draws = Place(HostTensor.Of([3], 0, 1 - Math.ScaleB(1, -24), 1));
        Assert.Equal([1f, 0f, 0f], Run(new SampleToken(1f, 3), Place(x), draws));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(3, 443, 1)]
    [InlineData(2, 256, 4)]
    public void ProcessLogits_BannedAndSeen_AreChanged(int rows, int columns, int gap)
    {
        var x = HostTensor.Uniform(1, [rows, columns], 9);
        if (columns > 9) (x.Values[3], x.Values[7], x.Values[9]) =
            (double.NaN, double.NegativeInfinity, double.PositiveInfinity);
        var words = (int)ProcessLogits.WordsFor(columns);
        var random = new Random(2);
        int[] banned = Words(random, words), seen = Words(random, rows * words);
        var op = new ProcessLogits(1.7f);
        var expected = new float[rows * columns];
        for (var i = 0; i < expected.Length; i++)
        {
            var (value, id) = ((float)x.Values[i], i % columns);
            var isSeen = (seen[i / columns * words + id / 32] >> (id % 32) & 1) != 0;
            expected[i] = !float.IsFinite(value) ? float.NaN
                : (banned[id / 32] >> (id % 32) & 1) != 0 ? float.NegativeInfinity
                : !isSeen ? value : value > 0 ? value / 1.7f : value * 1.7f;
        }

        var sets = (Banned: PlaceIntegers([words], banned), Seen: PlaceIntegers([rows, words], seen));
        Assert.Equal(expected, Run(op, Place(x, gap), sets.Banned, sets.Seen));
        Assert.Equal(expected, RunInPlace(op, Place(x), sets.Banned, sets.Seen));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(131)]
    public void AdvanceDecode_AFewSteps_KeepsTheState(int rows)
    {
        const int Steps = 3;
        const int Vocabulary = 70;
        var words = (int)ProcessLogits.WordsFor(Vocabulary);
        var ids = PlaceIntegers([rows, 1], new int[rows]);
        var past = PlaceIntegers([rows], [.. Enumerable.Range(10, rows)]);
        var history = PlaceIntegers([rows, Steps], new int[rows * Steps]);
        var step = PlaceIntegers([1], 0);
        var seen = PlaceIntegers([rows, words], new int[rows * words]);
        var random = new Random(3);
        var expectedHistory = new float[rows * Steps];
        var expectedSeen = new HashSet<(int Row, int Id)>();
        for (var now = 0; now < Steps + 1; now++)
        {
            // Row 0 fails in the second step; the fourth step has no place in the history.
            int[] chosen = [.. Enumerable.Range(0, rows).Select(row => row == 0 && now == 1 ? -1
                : random.Next(Vocabulary))];
            var output = Run(new AdvanceDecode(), PlaceIntegers([rows], chosen), ids, past, history, step, seen);
            Assert.Equal(chosen.Select(id => (float)Math.Max(id, 0)), output);
            Assert.Equal(output, Read(ids));
            Assert.Equal(Enumerable.Range(11 + now, rows).Select(length => (float)length), Read(past));
            Assert.Equal(now + 1f, Read(step)[0]);
            for (var row = 0; row < rows; row++)
            {
                if (now < Steps) expectedHistory[row * Steps + now] = chosen[row];
                if (chosen[row] >= 0) expectedSeen.Add((row, chosen[row]));
            }

            Assert.Equal(expectedHistory, Read(history));
        }

        var sets = ReadIntegers(seen);
        for (var row = 0; row < rows; row++)
        {
            for (var id = 0; id < 32 * words; id++)
                Assert.Equal(expectedSeen.Contains((row, id)), (sets[row * words + id / 32] >> (id % 32) & 1) != 0);
        }
    }

    [Fact]
    public void PickElements_AnyPositions_ArePicked()
    {
        var x = HostTensor.Uniform(1, [2, 7]);
        var actual = Run(new PickElements(), Place(x, 2), PlaceIntegers([2, 3], 6, 0, 6, 3, -1, 7));
        Assert.Equal([(float)x.Values[6], (float)x.Values[0], (float)x.Values[6], (float)x.Values[10], float.NaN,
            float.NaN], actual);
    }

    private static HostTensor Levels(int rows, int columns, int levels)
    {
        var random = new Random(rows + columns);
        return HostTensor.Of([rows, columns],
            [.. Enumerable.Range(0, rows * columns).Select(_ => (random.Next(levels) - levels / 2) * 12.0 / levels)]);
    }

    private static IEnumerable<int> Order(ReadOnlySpan<double> row)
    {
        var values = row.ToArray();
        return Enumerable.Range(0, values.Length).OrderByDescending(id => values[id]).ThenBy(id => id);
    }

    private static int[] Words(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ =>
            random.Next(int.MinValue, int.MaxValue) & random.Next(int.MinValue, int.MaxValue))];

    private BoundTensor PlaceIntegers(Shape shape, params int[] values) => Place(HostTensor.Integers(shape, values));
}
