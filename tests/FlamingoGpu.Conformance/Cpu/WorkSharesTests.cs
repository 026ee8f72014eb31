using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Conformance.Cpu;

public sealed class WorkSharesTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 7)]
    [InlineData(4, 3)]
    [InlineData(4, 443)]
    [InlineData(7, 7)]
    public void Take_OneThreadForAllRuns_GivesEveryItemOnce(int threads, int items)
    {
        var shares = new WorkShares(threads);
        for (var round = 0; round < 3; round++)
        {
            shares.Reset(items);
            Assert.Equal(Math.Min(threads, items), shares.Count);
            var taken = new List<int>();
            for (var run = 0; run < shares.Count; run++)
            {
                for (var item = shares.Take(run); item >= 0; item = shares.Take(run)) taken.Add(item);
            }

            Assert.Equal(Enumerable.Range(0, items), taken.Order());
        }
    }

    [Fact]
    public void Take_OwnRun_GivesNeighbours()
    {
        var shares = new WorkShares(2);
        shares.Reset(9);
        Assert.Equal([0, 4, 1, 5, 2, 6, 3, 7, 8], new[] { 0, 1, 0, 1, 0, 1, 0, 1, 1 }.Select(shares.Take));
        Assert.Equal(-1, shares.Take(0));
        Assert.Equal(-1, shares.Take(1));
    }

    [Fact]
    public void Take_RunIsEmpty_TakesTheSecondHalfOfAnother()
    {
        var shares = new WorkShares(2);
        shares.Reset(8);
        var first = Enumerable.Range(0, 8).Select(_ => shares.Take(0)).ToArray();
        Assert.Equal([0, 1, 2, 3, 6, 7, 5, 4], first); // halves of 4…7, of 4…5, of 4
        Assert.Equal(-1, shares.Take(1));
    }

    [Theory]
    [InlineData(2, 1000)]
    [InlineData(5, 97)]
    public void Take_ThreadsAtOnce_GiveEveryItemOnce(int threads, int items)
    {
        using var pool = new WorkerPool(threads);
        var body = new Counting(new WorkShares(threads), items);
        for (var round = 1; round <= 500; round++)
        {
            body.Shares.Reset(items);
            pool.Run(body, body.Shares.Count);
            Assert.All(body.Done, count => Assert.Equal(round, count));
        }
    }

    private sealed class Counting(WorkShares shares, int items) : IParallelBody
    {
        public int[] Done { get; } = new int[items];

        public WorkShares Shares => shares;

        public void Execute(int item, int worker)
        {
            for (var next = shares.Take(item); next >= 0; next = shares.Take(item)) Interlocked.Increment(ref Done[next]);
        }
    }
}
