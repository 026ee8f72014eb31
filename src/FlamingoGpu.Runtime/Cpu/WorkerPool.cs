// A fork-join pool for kernels of microseconds.
//
// One dispatch: the caller publishes a body and an item count, opens the gate, and takes items itself; workers that see
// the open gate join and take items from the same counter. When the items are gone the caller closes the gate and waits
// only for the workers that joined, so a worker that was descheduled (a busy machine) delays nobody. Workers spin for a
// while after their last item, because the next kernel of a model follows within microseconds, then park.
//
// _gate packs everything a worker must see at once: dispatch number << 32 | open << 31 | workers inside.

using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace FlamingoGpu.Runtime.Cpu;

/// <summary>
/// Threads that run the items of a kernel together with the calling thread. Items are handed out one by one, so uneven
/// items and busy cores balance. A dispatch allocates nothing and costs less than a microsecond while the workers spin.
/// One dispatch at a time; not for use by several threads at once.
/// </summary>
public sealed class WorkerPool : IDisposable
{
    private const long Open = 1L << 31;
    private const long InsideMask = Open - 1;
    private const int SpinsBeforeParking = 4000;
    private const int SpinsBeforeYielding = 2000;

    private readonly Thread[] _workers;
    private readonly object _parkingLot = new();
    private Shared _shared;
    private IParallelBody? _body;
    private int _itemCount;
    private int _parked;
    private int _busy;
    private volatile bool _stopping;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts <paramref name="threadCount"/>−1 workers; the calling thread is the remaining one.</summary>
    /// <param name="threadCount">Threads that take part in a dispatch, at least 1.</param>
    public WorkerPool(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ThreadCount = threadCount;
        _workers = new Thread[threadCount - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            var worker = i + 1;
            _workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"flamingo-cpu-{worker}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that take part in a dispatch, the caller included.</summary>
    public int ThreadCount { get; }

    /// <summary>Workers that sleep until the next dispatch.</summary>
    internal int ParkedWorkers => Volatile.Read(ref _parked);

    /// <summary>
    /// Runs items 0 … <paramref name="itemCount"/>−1 of the body and returns when all are done. A single item runs on the
    /// calling thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called from inside an item, or by two threads at once.</exception>
    /// <remarks>The first exception an item throws is rethrown here; items not yet begun are then skipped.</remarks>
    public void Run(IParallelBody body, int itemCount)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (itemCount <= 0) return;
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("The worker pool is already running a dispatch; use one pool per caller.");
        try
        {
            if (itemCount == 1 || _workers.Length == 0) RunAlone(body, itemCount);
            else RunTogether(body, itemCount);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Stops and joins the workers.</summary>
    public void Dispose()
    {
        _stopping = true;
        lock (_parkingLot) Monitor.PulseAll(_parkingLot);
        foreach (var worker in _workers) worker.Join();
    }

    private static void RunAlone(IParallelBody body, int itemCount)
    {
        for (var item = 0; item < itemCount; item++) body.Execute(item, 0);
    }

    private void RunTogether(IParallelBody body, int itemCount)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        _body = body;
        _itemCount = itemCount;
        Volatile.Write(ref _shared.Next, 0);
        var dispatch = (Volatile.Read(ref _shared.Gate) >> 32) + 1;
        Interlocked.Exchange(ref _shared.Gate, (dispatch << 32) | Open);
        if (Volatile.Read(ref _parked) != 0)
        {
            lock (_parkingLot) Monitor.PulseAll(_parkingLot);
        }

        TakeItems(0);
        Interlocked.And(ref _shared.Gate, ~Open);
        var spins = 0;
        while ((Volatile.Read(ref _shared.Gate) & InsideMask) != 0)
        {
            if (++spins < SpinsBeforeYielding) Thread.SpinWait(1);
            else Thread.Yield();
        }

        _body = null;
        if (_failure is null) return;
        var failure = _failure;
        _failure = null;
        failure.Throw();
    }

    private void TakeItems(int worker)
    {
        var body = _body!;
        var itemCount = _itemCount;
        try
        {
            while (true)
            {
                var item = Interlocked.Increment(ref _shared.Next) - 1;
                if (item >= itemCount) return;
                body.Execute(item, worker);
            }
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            Volatile.Write(ref _shared.Next, itemCount);
        }
    }

    private void Work(int worker)
    {
        var seen = 0L;
        while (WaitForDispatch(ref seen))
        {
            if (!TryEnter(seen)) continue;
            TakeItems(worker);
            Interlocked.Decrement(ref _shared.Gate);
        }
    }

    /// <summary>Waits until a dispatch newer than <paramref name="seen"/> exists; false when the pool stops.</summary>
    private bool WaitForDispatch(ref long seen)
    {
        for (var spins = 0; spins < SpinsBeforeParking; spins++)
        {
            if (_stopping) return false;
            if (IsNewer(ref seen)) return true;
            Thread.SpinWait(4);
        }

        lock (_parkingLot)
        {
            Interlocked.Increment(ref _parked);
            try
            {
                while (!IsNewer(ref seen))
                {
                    if (_stopping) return false;
                    Monitor.Wait(_parkingLot);
                }

                return true;
            }
            finally
            {
                Interlocked.Decrement(ref _parked);
            }
        }
    }

    private bool IsNewer(ref long seen)
    {
        var dispatch = Volatile.Read(ref _shared.Gate) >> 32;
        if (dispatch == seen) return false;
        seen = dispatch;
        return true;
    }

    private bool TryEnter(long dispatch)
    {
        while (true)
        {
            var gate = Volatile.Read(ref _shared.Gate);
            if (gate >> 32 != dispatch || (gate & Open) == 0) return false;
            if (Interlocked.CompareExchange(ref _shared.Gate, gate + 1, gate) == gate) return true;
        }
    }

    /// <summary>The two words all threads write, on cache lines of their own (128 bytes: pairs of lines travel together).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Shared
    {
        [FieldOffset(128)]
        public long Gate;

        [FieldOffset(256)]
        public int Next;
    }
}
