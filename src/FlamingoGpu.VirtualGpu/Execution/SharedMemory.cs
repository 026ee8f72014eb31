using System.Numerics;
using System.Runtime.Intrinsics;
using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// The shared memory of one resident block, with a shadow byte for each byte (1 = never written) and, for each cell,
/// the last write, the last read of every warp, and the thread whose asynchronous copy is under way.
/// </summary>
/// <remarks>
/// A write record is clock (21 bits), warp (5), lane (5) and a bit for strong accesses; a read record is clock (21) and
/// lane (6, 32 for several). Clocks rise through the whole block, so everything up to <see cref="Block.Floor"/> is
/// ordered before whatever comes now, and one comparison settles most accesses.
/// </remarks>
internal sealed unsafe partial class SharedMemory : IDisposable
{
    private const int ClockShift = 11;
    private const int ReadClockShift = 6;
    private const uint SeveralLanes = 32;
    private const uint InFlight = uint.MaxValue;

    private readonly NativeBytes _data;
    private readonly NativeBytes _shadow;
    private readonly NativeBytes _records;
    private readonly int _shift;
    private readonly int _warpCount;
    private readonly int _cells;
    private readonly uint* _writes;
    private readonly uint* _reads;
    private readonly ushort* _owners;
    private readonly ushort* _products;

    /// <param name="length">Bytes.</param>
    /// <param name="cellShift">Log2 of a cell's bytes.</param>
    /// <param name="warpCount">Warps of the block.</param>
    /// <param name="hasProducts">True when warpgroup products read it.</param>
    public SharedMemory(int length, int cellShift, int warpCount, bool hasProducts)
    {
        Length = length;
        _data = new NativeBytes(length);
        _shadow = new NativeBytes(length);
        _shift = cellShift;
        _warpCount = warpCount;
        _cells = ((length >> cellShift) + 16) & ~15;
        _records = new NativeBytes(_cells * (4L + (4L * warpCount) + 4));
        _writes = (uint*)_records.Pointer;
        _reads = _writes + _cells;
        _owners = (ushort*)(_reads + ((long)_cells * warpCount));
        _products = hasProducts ? _owners + _cells : null;
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

    /// <summary>Checks the access at <see cref="Warp.Addresses"/> against those before it and records it.</summary>
    public void Check(Warp warp, Op op, uint mask, int bytes, Access access)
    {
        switch (access)
        {
            case Access.Read when warp.Pattern == AddressPattern.Contiguous && mask == Warp.Full
                && IsSettled(warp, bytes):
                RecordContiguous(warp, bytes);
                return;
            case Access.Read when warp.Pattern == AddressPattern.Uniform && BitOperations.PopCount(mask) > 1:
                Read(warp, op, -1, SeveralLanes, (uint)warp.Addresses[0], bytes);
                return;
        }

        if (access == Access.Read && mask == Warp.Full)
        {
            for (var lanes = warp.Distinct; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                var isRepeated = (warp.Repeated >> lane & 1) != 0;
                Read(warp, op, isRepeated ? -1 : lane, isRepeated ? SeveralLanes : (uint)lane,
                    (uint)warp.Addresses[lane], bytes);
            }

            return;
        }

        for (var lanes = mask; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var offset = (uint)warp.Addresses[lane];
            if (access == Access.Read) Read(warp, op, lane, (uint)lane, offset, bytes);
            else if (access == Access.CollectiveRead) Read(warp, op, -1, SeveralLanes, offset, bytes);
            else Write(warp, op, lane, offset, bytes, access);
        }
    }

    /// <summary>Marks the destinations of copies as under way, and poisons them.</summary>
    public void BeginCopies(Warp warp, uint lanes, uint[] destinations, int bytes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var offset = destinations[lane];
            var last = (int)((offset + (uint)bytes - 1) >> _shift);
            for (var cell = (int)(offset >> _shift); cell <= last; cell++)
            {
                _writes[cell] = InFlight;
                _owners[cell] = (ushort)((warp.Index * Warp.Size) + lane);
            }

            if (bytes == 16)
            {
                Vector128.Create(Allocation.PoisonByte).Store(Data + offset);
                Vector128.Create((byte)1).Store(Shadow + offset);
                continue;
            }

            new Span<byte>(Data + offset, bytes).Fill(Allocation.PoisonByte);
            new Span<byte>(Shadow + offset, bytes).Fill(1);
        }
    }

    /// <summary>Ends copies: their bytes count as written by the waiting threads, now.</summary>
    public void EndCopies(Warp warp, uint lanes, uint[] destinations, int bytes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var stamp = Stamp(warp, lane);
            var last = (int)((destinations[lane] + (uint)bytes - 1) >> _shift);
            for (var cell = (int)(destinations[lane] >> _shift); cell <= last; cell++) _writes[cell] = stamp;
        }
    }

    public void Dispose()
    {
        _data.Dispose();
        _records.Dispose();
        _shadow.Dispose();
    }

    /// <summary>True when all of a contiguous access was written before all warps last met.</summary>
    private bool IsSettled(Warp warp, int bytes)
    {
        if (Warp.Size * bytes >> _shift < Warp.Size) return false;
        var unsettled = Vector256.Create((warp.Block.Floor + 1) << ClockShift);
        var writes = _writes + ((uint)warp.Addresses[0] >> _shift);
        for (var cell = 0; cell < Warp.Size * bytes >> _shift; cell += Vector256<uint>.Count)
        {
            if (!Vector256.LessThanAll(Vector256.Load(writes + cell), unsettled)) return false;
        }

        return true;
    }

    /// <summary>Records a contiguous read of all lanes, eight cells at a time.</summary>
    private void RecordContiguous(Warp warp, int bytes)
    {
        var perLane = BitOperations.Log2((uint)bytes) - _shift;
        var reads = _reads + ((long)warp.Index * _cells) + ((uint)warp.Addresses[0] >> _shift);
        var now = Vector256.Create(warp.Clock << ReadClockShift);
        var several = now | Vector256.Create(SeveralLanes);
        var cells = Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
        for (var cell = 0; cell < Warp.Size << perLane; cell += Vector256<uint>.Count)
        {
            var own = now | (cells >>> perLane);
            var held = Vector256.Load(reads + cell);
            var isOther = Vector256.Equals(held & Vector256.Create(~63u), now) & ~Vector256.Equals(held, own);
            Vector256.ConditionalSelect(isOther, several, own).Store(reads + cell);
            cells += Vector256.Create((uint)Vector256<uint>.Count);
        }
    }

    private static uint Stamp(Warp warp, int lane) =>
        (warp.Clock << ClockShift) | ((uint)warp.Index << 6) | ((uint)lane << 1);

    private static int WriterWarp(uint written) => (int)(written >> 6) & 31;

    private static int WriterLane(uint written) => (int)(written >> 1) & 31;

    private static bool IsOrdered(Warp warp, int lane, uint written)
    {
        var writer = WriterWarp(written);
        var clock = written >> ClockShift;
        return writer == warp.Index
            ? WriterLane(written) == lane || clock < warp.Clock
            : clock <= warp.Clocks[writer];
    }

    private void Read(Warp warp, Op op, int lane, uint code, uint offset, int bytes)
    {
        var unsettled = (warp.Block.Floor + 1) << ClockShift;
        var own = (warp.Clock << ReadClockShift) | code;
        var several = (warp.Clock << ReadClockShift) | SeveralLanes;
        var first = (int)(offset >> _shift);
        var count = ((int)(offset + (uint)bytes - 1) >> _shift) - first + 1;
        var reads = _reads + ((long)warp.Index * _cells) + first;
        var writes = _writes + first;
        if (count == 4)
        {
            var held = Vector128.Load(reads);
            var isNow = Vector128.Equals(held >>> ReadClockShift, Vector128.Create(warp.Clock));
            var isOther = ~Vector128.Equals(held, Vector128.Create(own));
            var record = Vector128.ConditionalSelect(
                isNow & isOther, Vector128.Create(several), Vector128.Create(own));
            if (Vector128.LessThanAll(Vector128.Load(writes), Vector128.Create(unsettled)))
            {
                record.Store(reads);
                return;
            }
        }

        for (var i = 0; i < count; i++)
        {
            if (writes[i] >= unsettled && !MayRead(warp, op, lane, offset, first + i)) continue;
            var record = reads[i];
            reads[i] = record >> ReadClockShift == warp.Clock && record != own ? several : own;
        }
    }

    /// <summary>False when a copy into the cell is under way; a race is only reported.</summary>
    private bool MayRead(Warp warp, Op op, int lane, uint offset, int cell)
    {
        var written = _writes[cell];
        if (written == InFlight)
        {
            MeetsCopy(warp, op, lane, offset, Access.Read, _owners[cell]);
            return false;
        }

        if (!IsOrdered(warp, lane, written)) ReportWrite(warp, op, lane, offset, Access.Read, written);
        return true;
    }

    private void Write(Warp warp, Op op, int lane, uint offset, int bytes, Access access)
    {
        var unsettled = (warp.Block.Floor + 1) << ClockShift;
        var isStrong = access is Access.StrongRead or Access.StrongWrite;
        var stamp = Stamp(warp, lane) | (access == Access.StrongWrite ? 1u : 0u);
        var first = (int)(offset >> _shift);
        var last = (int)((offset + (uint)bytes - 1) >> _shift);
        for (var cell = first; cell <= last; cell++)
        {
            var written = _writes[cell];
            if (written >= unsettled)
            {
                if (written == InFlight)
                {
                    MeetsCopy(warp, op, lane, offset, access, _owners[cell]);
                    continue;
                }

                if (!IsOrdered(warp, lane, written) && !(isStrong && (written & 1) != 0))
                {
                    ReportWrite(warp, op, lane, offset, access, written);
                }
            }

            if (access == Access.StrongRead) continue;
            if (_products != null && _products[cell] != 0) MeetsProduct(warp, op, lane, offset);
            MeetReaders(warp, op, lane, offset, cell, access);
            _writes[cell] = stamp;
        }
    }

    private void MeetReaders(Warp warp, Op op, int lane, uint offset, int cell, Access access)
    {
        var unsettled = (warp.Block.Floor + 1) << ReadClockShift;
        var records = _reads + cell;
        for (var reader = 0; reader < _warpCount; reader++, records += _cells)
        {
            var record = *records;
            if (record < unsettled) continue;
            var isOrdered = reader == warp.Index
                ? record >> ReadClockShift < warp.Clock || (record & 63) == (uint)lane
                : record >> ReadClockShift <= warp.Clocks[reader];
            if (isOrdered) continue;
            var who = (record & 63) == SeveralLanes ? "several lanes" : $"lane {record & 63}";
            Report(warp, op, lane, offset, access, $"a read by warp {reader}, {who}");
        }
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

    private static void ReportWrite(Warp warp, Op op, int lane, uint offset, Access access, uint written) => Report(
        warp, op, lane, offset, access, $"a write by warp {WriterWarp(written)} lane {WriterLane(written)}");

    private static void Report(Warp warp, Op op, int lane, uint offset, Access access, string other)
    {
        var own = access is Access.Read or Access.StrongRead ? "this read" : "this write";
        warp.Report(FindingKind.Race, op, lane, offset,
            $"nothing orders {own} of shared offset {offset} after {other}.");
    }
}
