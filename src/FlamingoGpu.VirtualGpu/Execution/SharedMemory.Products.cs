namespace FlamingoGpu.VirtualGpu.Execution;

/// <content>
/// What warpgroup products read. They read through the async proxy, at any time from issue to wait: for each cell the
/// products under way are counted, and a write that meets one is a race whatever orders it.
/// </content>
internal sealed unsafe partial class SharedMemory
{
    private const int ChunkBytes = 16;

    /// <summary>Checks the 16-byte pieces that a product reads against the writes before, and holds them.</summary>
    public void BeginProduct(Warp warp, Op op, ReadOnlySpan<uint> chunks)
    {
        var known = warp.Block.Floor;
        foreach (var clock in warp.ProxyClocks) known = Math.Min(known, clock);
        var unsettled = (known + 1) << ClockShift;
        foreach (var chunk in chunks)
        {
            var first = (int)(chunk >> _shift);
            for (var cell = first; cell < first + (ChunkBytes >> _shift); cell++)
            {
                if (_writes[cell] >= unsettled) MeetProduct(warp, op, (uint)cell << _shift, _writes[cell]);
                _products[cell]++;
            }
        }

        Record(warp, chunks);
    }

    /// <summary>Ends the reads: their last moment is now.</summary>
    public void EndProduct(Warp warp, ReadOnlySpan<uint> chunks)
    {
        foreach (var chunk in chunks)
        {
            var first = (int)(chunk >> _shift);
            for (var cell = first; cell < first + (ChunkBytes >> _shift); cell++) _products[cell]--;
        }

        Record(warp, chunks);
    }

    private void Record(Warp warp, ReadOnlySpan<uint> chunks)
    {
        var reads = _reads + ((long)warp.Index * _cells);
        var record = (warp.Clock << ReadClockShift) | SeveralLanes;
        foreach (var chunk in chunks) new Span<uint>(reads + (chunk >> _shift), ChunkBytes >> _shift).Fill(record);
    }

    private void MeetProduct(Warp warp, Op op, uint offset, uint written)
    {
        if (written == InFlight)
        {
            MeetsCopy(warp, op, -1, offset, Access.Read, _owners[offset >> _shift]);
            return;
        }

        var writer = WriterWarp(written);
        if (!IsOrdered(warp, -1, written)) ReportWrite(warp, op, -1, offset, Access.Read, written);
        else if (written >> ClockShift > warp.ProxyClocks[writer])
        {
            warp.Report(FindingKind.MissingProxyFence, op, -1, offset,
                $"warp {writer} lane {WriterLane(written)} wrote shared offset {offset} and did not execute "
                + "fence.proxy.async before the barrier, so this product may read what was there before.");
        }
    }

    private static void MeetsProduct(Warp warp, Op op, int lane, uint offset)
    {
        var reader = Array.Find(warp.Block.Warps, other => other.Products?.ReaderOf(offset) is not null);
        var product = reader?.Products?.ReaderOf(offset);
        warp.Report(FindingKind.Race, op, lane, offset,
            $"{product?.Op.Instruction} of warp {reader?.Index} still reads shared offset {offset}; no "
            + "wgmma.wait_group has ended it.");
    }
}
