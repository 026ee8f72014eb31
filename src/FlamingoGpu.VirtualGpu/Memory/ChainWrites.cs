namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>
/// Which bytes of an allocation kernels wrote in the current chain of launches, one bit for each; pages of an earlier
/// chain count as unwritten. Workers mark at the same time.
/// </summary>
internal sealed class ChainWrites(long length)
{
    private const int PageShift = 14;
    private const int WordShift = 6;

    private readonly Page?[] _pages = new Page?[(length >> PageShift) + 1];

    /// <summary>Marks an aligned access of at most 16 bytes.</summary>
    public void Mark(int chain, long offset, int bytes)
    {
        ref var place = ref _pages[offset >> PageShift];
        var page = Volatile.Read(ref place);
        if (page?.Chain != chain)
        {
            lock (_pages)
            {
                page = place?.Chain == chain ? place : place = new Page(chain);
            }
        }

        Interlocked.Or(ref page.Bits[Word(offset)], Bits(offset, bytes));
    }

    /// <summary>True when the chain wrote one of the bytes.</summary>
    public bool Overlaps(int chain, long offset, int bytes) =>
        Volatile.Read(ref _pages[offset >> PageShift]) is { } page && page.Chain == chain
        && (Volatile.Read(ref page.Bits[Word(offset)]) & Bits(offset, bytes)) != 0;

    private static int Word(long offset) => (int)(offset & ((1 << PageShift) - 1)) >> WordShift;

    private static ulong Bits(long offset, int bytes) => ((1UL << bytes) - 1) << (int)(offset & ((1 << WordShift) - 1));

    private sealed class Page(int chain)
    {
        public int Chain => chain;

        public ulong[] Bits { get; } = new ulong[1 << (PageShift - WordShift)];
    }
}
