namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Sets of unordered readers, for cells that several warps read: a write must be ordered after every one of them.
/// Neighbouring cells are read by the same warps in the same order, so equal histories share one set.
/// </summary>
internal sealed class ReaderSets(int launch, bool blocksCommunicate)
{
    /// <summary>A set that grew beyond this is taken for "several blocks".</summary>
    private const int Largest = 256;

    /// <summary>Says that the new reader comes after all others.</summary>
    private const ulong Alone = 0;

    private readonly List<ulong[]> _sets = [];
    private readonly Dictionary<(ulong, ulong), ulong> _joined = [];
    private (ulong Record, ulong Own, ulong Result) _last;

    public ReadOnlySpan<ulong> Of(ulong record) => _sets[RaceRecord.SetIndex(record)];

    /// <summary>The record of a cell that was read as <paramref name="record"/> says and is now read once
    /// more.</summary>
    public ulong Join(Warp warp, int lane, ulong record, ulong own)
    {
        if (RaceRecord.Kind(record) != RaceRecord.Set)
        {
            if (RaceRecord.IsSameMoment(record, own))
            {
                return RaceRecord.Lane(record) == lane && RaceRecord.Kind(record) == 0
                    ? own
                    : own | RaceRecord.SeveralLanes;
            }

            if (RaceRecord.IsOrdered(warp, lane, record)) return own;
            if (!blocksCommunicate && RaceRecord.Block(record) != warp.Block.Index)
            {
                return (own & ~RaceRecord.KindMask) | RaceRecord.SeveralBlocks;
            }
        }

        // Lanes of one warp read at once; which of them does not matter against other warps.
        var anyLane = (own & ~(31UL << RaceRecord.LaneShift)) | RaceRecord.SeveralLanes;
        if (_last.Record != record || _last.Own != anyLane)
        {
            if (!_joined.TryGetValue((record, anyLane), out var joined))
            {
                joined = Joined(warp, lane, record, anyLane);
                _joined.Add((record, anyLane), joined);
            }

            _last = (record, anyLane, joined);
        }

        return _last.Result == Alone ? own : _last.Result;
    }

    private ulong Joined(Warp warp, int lane, ulong record, ulong own)
    {
        var isSet = RaceRecord.Kind(record) == RaceRecord.Set;
        ReadOnlySpan<ulong> readers = isSet ? Of(record) : [record];
        var kept = new List<ulong>();
        foreach (var reader in readers)
        {
            if (RaceRecord.IsSameMoment(reader, own) || RaceRecord.IsOrdered(warp, lane, reader)) continue;
            if (!blocksCommunicate && RaceRecord.Block(reader) != warp.Block.Index)
            {
                return (own & ~RaceRecord.KindMask) | RaceRecord.SeveralBlocks;
            }

            kept.Add(reader);
        }

        if (kept.Count == 0) return Alone;
        if (isSet && kept.Count == readers.Length - 1 && readers.IndexOf(own) >= 0) return record;
        kept.Add(own);
        if (kept.Count > Largest) return (own & ~RaceRecord.KindMask) | RaceRecord.SeveralBlocks;
        _sets.Add([.. kept]);
        return RaceRecord.OfSet(launch, _sets.Count - 1);
    }
}
