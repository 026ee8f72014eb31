// A stream of items cut into one run per thread, for work that is bound by reading memory in order.
//
// A stream that begins anew takes most of a microsecond to reach its speed (the prefetchers have to find it again), as
// long as reading 32 KiB. So a thread takes small items, but neighbouring ones, from the front of a run of its own, and
// what it prefetches beyond an item is the next one. Who has finished his run takes the second half of what another has
// left, so a thread that is slow, or never came, delays nobody.
//
// A run is one word, next << 32 | end, changed by compare-and-swap. An old word that stands there again means the same
// items, all of them still to be done, so it may be taken for the one that was read.

namespace FlamingoGpu.Runtime.Cpu;

/// <summary>Items 0 … n−1 of one dispatch, shared out in runs of neighbours. Sharing out allocates nothing.</summary>
/// <param name="threads">Most threads that take items.</param>
public sealed class WorkShares(int threads)
{
    private const int Spacing = 16; // words: 128 bytes, pairs of cache lines travel together

    private readonly long[] _runs = new long[(threads + 1) * Spacing];
    private int _count;

    /// <summary>Runs of the current items: the number of threads, or of items if there are fewer.</summary>
    public int Count => _count;

    /// <summary>Cuts new items into runs. Not while items are taken.</summary>
    /// <param name="items">How many, at least 0.</param>
    public void Reset(int items)
    {
        _count = Math.Min(threads, items);
        for (var run = 0; run < _count; run++)
            Word(run) = Pack((int)((long)items * run / _count), (int)((long)items * (run + 1) / _count));
    }

    /// <summary>The next item for the thread that works on a run, or −1 when none is left.</summary>
    /// <param name="run">Which run, below <see cref="Count"/>; one thread at a time.</param>
    public int Take(int run)
    {
        ref var own = ref Word(run);
        while (true)
        {
            var seen = Volatile.Read(ref own);
            var (next, end) = Unpack(seen);
            if (next >= end) return TakeFromOthers(run);
            if (Interlocked.CompareExchange(ref own, Pack(next + 1, end), seen) == seen) return next;
        }
    }

    private int TakeFromOthers(int run)
    {
        for (var distance = 1; distance < _count;)
        {
            ref var other = ref Word((run + distance) % _count);
            var seen = Volatile.Read(ref other);
            var (next, end) = Unpack(seen);
            if (next >= end)
            {
                distance++;
                continue;
            }

            var middle = next + (end - next) / 2;
            if (Interlocked.CompareExchange(ref other, Pack(next, middle), seen) != seen) continue;
            Volatile.Write(ref Word(run), Pack(middle + 1, end));
            return middle;
        }

        return -1;
    }

    private ref long Word(int run) => ref _runs[(run + 1) * Spacing];

    private static long Pack(int next, int end) => ((long)next << 32) | (uint)end;

    private static (int Next, int End) Unpack(long run) => ((int)(run >> 32), (int)run);
}
