using System.Diagnostics;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Conformance.Cpu;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 443)]
    [InlineData(7, 1)]
    [InlineData(7, 127)]
    public void Run_ManyDispatches_DoesEveryItemOnce(int threads, int items)
    {
        using var pool = new WorkerPool(threads);
        var body = new Counting(items, threads);
        for (var round = 1; round <= 300; round++)
        {
            pool.Run(body, items);
            Assert.All(body.Done, count => Assert.Equal(round, count));
        }
    }

    [Fact]
    public void Run_NoItems_DoesNothing()
    {
        using var pool = new WorkerPool(2);
        pool.Run(new Counting(0, 2), 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_ItemThrows_RethrowsAndStaysUsable(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (var round = 0; round < 50; round++)
        {
            var error = Assert.Throws<InvalidDataException>(() => pool.Run(new Throwing(), 100));
            Assert.Equal("item 41", error.Message);
            var body = new Counting(60, threads);
            pool.Run(body, 60);
            Assert.All(body.Done, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Run_InsideAnItem_Throws()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(new Nesting(pool), 10));
    }

    [Fact]
    public void Run_AfterDispose_Throws()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(new Counting(10, 2), 10));
    }

    [Fact]
    public void Run_AfterTheWorkersParked_WakesThem()
    {
        using var pool = new WorkerPool(4);
        for (var round = 0; round < 5; round++)
        {
            Thread.Sleep(30);
            var body = new Counting(400, 4);
            pool.Run(body, 400);
            Assert.All(body.Done, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Idle_Pool_SleepsWithoutSpinning()
    {
        using var pool = new WorkerPool(9);
        pool.Run(new Counting(100, 9), 100);
        SpinWait.SpinUntil(() => pool.ParkedWorkers == 8, TimeSpan.FromSeconds(10));
        Assert.Equal(8, pool.ParkedWorkers);
    }

    private sealed class Counting(int items, int threads) : IParallelBody
    {
        public int[] Done { get; } = new int[items];

        public void Execute(int item, int worker)
        {
            if (worker < 0 || worker >= threads) throw new UnreachableException();
            Interlocked.Increment(ref Done[item]);
        }
    }

    private sealed class Throwing : IParallelBody
    {
        public void Execute(int item, int worker)
        {
            if (item == 41) throw new InvalidDataException("item 41");
        }
    }

    private sealed class Nesting(WorkerPool pool) : IParallelBody
    {
        public void Execute(int item, int worker) => pool.Run(this, 2);
    }
}
