using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>
/// Copies host bytes that may be pageable (mapped weights) to the device through a ring of pinned slots: while the
/// device fetches one slot, the next is filled, so that reading the file and crossing the bus overlap and no second
/// copy of the weights is made on the host. Small pieces share a slot.
/// </summary>
/// <remarks>
/// Allocates the ring at the first upload. Not safe for concurrent use. Not to be used while the stream is captured: a
/// replay would copy whatever the slot holds by then.
/// </remarks>
public sealed unsafe class GpuUploader : IDisposable
{
    private const int Alignment = 256;
    private const int PieceBytes = 1 << 20; // one thread's share of filling a slot

    private readonly IGpuDriver _driver;
    private readonly IGpuStream _stream;
    private readonly long _slotBytes;
    private readonly nint[] _slots;
    private readonly IGpuEvent?[] _fetched; // marks the last copy out of each slot; null: never used
    private int _slot;
    private long _used; // bytes of the current slot

    /// <summary>An uploader whose copies are ordered in a stream.</summary>
    /// <param name="driver">Gives pinned memory; must outlive this.</param>
    /// <param name="stream">Where the copies are enqueued; must outlive this.</param>
    /// <param name="slots">Slots of the ring, at least 2.</param>
    /// <param name="slotBytes">Bytes of a slot, a multiple of 256.</param>
    public GpuUploader(IGpuDriver driver, IGpuStream stream, int slots = 4, long slotBytes = 16 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(slotBytes, Alignment);
        ArgumentOutOfRangeException.ThrowIfNotEqual(slotBytes % Alignment, 0);
        _driver = driver;
        _stream = stream;
        _slotBytes = slotBytes;
        _slots = new nint[slots];
        _fetched = new IGpuEvent?[slots];
    }

    /// <summary>Copies host bytes; they may change as soon as this returns.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="destination">Device address. The bytes are there for work enqueued later in the stream.</param>
    /// <exception cref="DeviceException">The driver failed, or lends no pinned memory.</exception>
    public void Upload(ReadOnlySpan<byte> source, nint destination)
    {
        fixed (byte* bytes = source) Upload((nint)bytes, source.Length, destination);
    }

    /// <summary>Copies host bytes; they may change as soon as this returns.</summary>
    /// <param name="source">Host address of the bytes.</param>
    /// <param name="byteLength">How many.</param>
    /// <param name="destination">Device address. The bytes are there for work enqueued later in the stream.</param>
    /// <exception cref="DeviceException">The driver failed, or lends no pinned memory.</exception>
    public void Upload(nint source, long byteLength, nint destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        for (long done = 0; done < byteLength;)
        {
            if (_used == _slotBytes) NextSlot();
            if (_slots[_slot] == 0) _slots[_slot] = _driver.AllocatePinned(_slotBytes);
            var bytes = Math.Min(byteLength - done, _slotBytes - _used);
            var staging = _slots[_slot] + (nint)_used;
            Fill(source + (nint)done, staging, bytes);
            _stream.Upload(staging, destination + (nint)done, bytes);
            _used = Math.Min(_slotBytes, (_used + bytes + Alignment - 1) / Alignment * Alignment);
            done += bytes;
        }
    }

    /// <summary>Waits for the copies and gives the ring back. Never throws.</summary>
    public void Dispose()
    {
        if (Array.TrueForAll(_slots, slot => slot == 0)) return;
        try
        {
            _stream.Synchronize();
        }
        catch (DeviceException)
        {
            // Whoever waits for the work has the error; nothing is being copied any more.
        }

        foreach (var mark in _fetched) mark?.Dispose();
        foreach (var slot in _slots.Where(slot => slot != 0)) _driver.FreePinned(slot);
        Array.Clear(_slots);
        Array.Clear(_fetched);
    }

    /// <summary>Leaves a full slot with a mark; waits until the device has fetched what the next one holds.</summary>
    private void NextSlot()
    {
        var mark = _fetched[_slot] ??= _driver.CreateEvent(timed: false);
        _stream.Record(mark);
        _slot = (_slot + 1) % _slots.Length;
        _used = 0;
        _fetched[_slot]?.Synchronize();
    }

    /// <summary>Several threads, because one reads a mapped file slower than the bus takes it.</summary>
    private static void Fill(nint source, nint staging, long byteLength)
    {
        if (byteLength <= PieceBytes)
        {
            Buffer.MemoryCopy((void*)source, (void*)staging, byteLength, byteLength);
            return;
        }

        Parallel.For(0, (int)((byteLength + PieceBytes - 1) / PieceBytes), piece =>
        {
            var start = (long)piece * PieceBytes;
            var bytes = Math.Min(PieceBytes, byteLength - start);
            Buffer.MemoryCopy((void*)(source + (nint)start), (void*)(staging + (nint)start), bytes, bytes);
        });
    }
}
