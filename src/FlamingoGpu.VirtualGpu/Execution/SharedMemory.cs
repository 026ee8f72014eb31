using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// The shared memory of one resident block, with a shadow byte for each byte (1 = never written) and, for each cell,
/// the last write, the last read of every warp, and the thread whose asynchronous copy is under way. A write record is
/// warp (5 bits), lane (5), clock (21) and a bit for strong accesses; a read record is clock (21) and lane (6, 32 for
/// several).
/// </summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private const uint SeveralLanes = 32;

    private readonly NativeBytes _data;
    private readonly NativeBytes _shadow;
    private readonly int _shift;
    private readonly int _warpCount;
    private readonly NativeBytes _records;
    private readonly uint* _writes;
    private readonly uint* _reads;
    private readonly ushort* _inFlight;

    public SharedMemory(int length, int cellShift, int warpCount)
    {
        Length = length;
        _data = new NativeBytes(length);
        _shadow = new NativeBytes(length);
        _shift = cellShift;
        _warpCount = warpCount;
        var cells = (length >> cellShift) + 1;
        _records = new NativeBytes(cells * (4L + (4L * warpCount) + 2));
        _writes = (uint*)_records.Pointer;
        _reads = _writes + cells;
        _inFlight = (ushort*)(_reads + ((long)cells * warpCount));
    }

    public int Length { get; }

    public byte* Data => _data.Pointer;

    public byte* Shadow => _shadow.Pointer;

    public void Reset()
    {
        _data.Fill(Allocation.PoisonByte);
        _shadow.Fill(1);
        _records.Clear();
    }

    /// <summary>Checks one access against those before it and records it. Lane -1 stands for the whole warp.</summary>
    public void Check(Warp warp, Op op, int lane, uint offset, int bytes, Access access)
    {
        var first = (int)(offset >> _shift);
        var last = (int)((offset + (uint)bytes - 1) >> _shift);
        if (access == Access.Read)
        {
            CheckRead(warp, op, lane, offset, first, last);
            return;
        }

        var isStrong = access is Access.StrongRead or Access.StrongWrite;
        for (var cell = first; cell <= last; cell++)
        {
            if (_inFlight[cell] != 0)
            {
                MeetsCopy(warp, op, lane, offset, access, _inFlight[cell] - 1);
                continue;
            }

            var written = _writes[cell];
            if (written != 0 && !IsOrdered(warp, lane, written) && !(isStrong && (written & 1) != 0))
            {
                Report(warp, op, lane, offset, access, $"a write by warp {written >> 27} lane {(written >> 22) & 31}");
            }

            if (access != Access.StrongRead) RecordWrite(warp, op, lane, offset, cell, access);
        }
    }

    public void BeginCopy(int warp, int lane, uint offset, int bytes)
    {
        var last = (int)((offset + (uint)bytes - 1) >> _shift);
        for (var cell = (int)(offset >> _shift); cell <= last; cell++)
        {
            _inFlight[cell] = (ushort)((warp * Warp.Size) + lane + 1);
        }
        new Span<byte>(Data + offset, bytes).Fill(Allocation.PoisonByte);
        new Span<byte>(Shadow + offset, bytes).Fill(1);
    }

    /// <summary>Ends a copy: its bytes count as written by the waiting thread, now.</summary>
    public void EndCopy(Warp warp, int lane, uint offset, int bytes)
    {
        var last = (int)((offset + (uint)bytes - 1) >> _shift);
        for (var cell = (int)(offset >> _shift); cell <= last; cell++)
        {
            _inFlight[cell] = 0;
            _writes[cell] = Stamp(warp, lane);
        }
    }

    private static uint Stamp(Warp warp, int lane) => ((uint)warp.Index << 27) | ((uint)lane << 22) | (warp.Clock << 1);

    private static bool IsOrdered(Warp warp, int lane, uint written)
    {
        var writer = (int)(written >> 27);
        var clock = (written >> 1) & Warp.ClockMask;
        return writer == warp.Index
            ? (int)((written >> 22) & 31) == lane || clock < warp.Clock
            : clock <= warp.Clocks[writer];
    }

    private void CheckRead(Warp warp, Op op, int lane, uint offset, int first, int last)
    {
        var clock = warp.Clock;
        var code = lane < 0 ? SeveralLanes : (uint)lane;
        var own = (clock << 6) | code;
        var several = (clock << 6) | SeveralLanes;
        var reads = _reads + ((long)first * _warpCount) + warp.Index;
        for (var cell = first; cell <= last; cell++, reads += _warpCount)
        {
            if (_inFlight[cell] != 0)
            {
                MeetsCopy(warp, op, lane, offset, Access.Read, _inFlight[cell] - 1);
                continue;
            }

            var written = _writes[cell];
            if (written != 0 && !IsOrdered(warp, lane, written))
            {
                Report(warp, op, lane, offset, Access.Read,
                    $"a write by warp {written >> 27} lane {(written >> 22) & 31}");
            }

            var record = *reads;
            *reads = record >> 6 == clock && record != own ? several : own;
        }
    }

    private void RecordWrite(Warp warp, Op op, int lane, uint offset, int cell, Access access)
    {
        var first = cell * _warpCount;
        for (var reader = 0; reader < _warpCount; reader++)
        {
            var record = _reads[first + reader];
            if (record == 0) continue;
            var isOrdered = reader == warp.Index
                ? (record >> 6) < warp.Clock || (record & 63) == (uint)lane
                : (record >> 6) <= warp.Clocks[reader];
            if (isOrdered) continue;
            var who = (record & 63) == SeveralLanes ? "several lanes" : $"lane {record & 63}";
            Report(warp, op, lane, offset, access, $"a read by warp {reader}, {who}");
        }

        _writes[cell] = Stamp(warp, lane) | (access == Access.StrongWrite ? 1u : 0u);
    }

    private static void MeetsCopy(Warp warp, Op op, int lane, uint offset, Access access, int owner)
    {
        var who = $"the cp.async of warp {owner / Warp.Size} lane {owner % Warp.Size} into shared offset {offset}";
        if (access is Access.Read or Access.StrongRead)
        {
            warp.Report(FindingKind.MissingWait, op, lane, offset, $"{who} was not waited for before this read.");
        }
        else
        {
            warp.Report(FindingKind.Race, op, lane, offset, $"{who} is still under way.");
        }
    }

    private static void Report(Warp warp, Op op, int lane, uint offset, Access access, string other)
    {
        var own = access is Access.Read or Access.StrongRead ? "this read" : "this write";
        warp.Report(FindingKind.Race, op, lane, offset,
            $"nothing orders {own} of shared offset {offset} after {other}.");
    }

    public void Dispose()
    {
        _data.Dispose();
        _records.Dispose();
        _shadow.Dispose();
    }
}
