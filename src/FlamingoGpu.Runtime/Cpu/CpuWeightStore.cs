namespace FlamingoGpu.Runtime.Cpu;

/// <summary>
/// Copies of large weights in huge pages. A weight read from a mapped file comes in pages of 4 KiB, and a decode step,
/// which reads every weight once, then waits for address translation: plain reading of the machine in bench/results
/// reaches 75 GB/s in huge pages and 44 over a mapped file. A copy belongs to the device, so the first product it takes
/// part in may reorder its rows (<see cref="RowGroups"/>). Not safe for concurrent use.
/// </summary>
internal sealed unsafe class CpuWeightStore(CpuDevice device) : IDisposable
{
    private const long SmallestCopied = 1 << 20;
    private const long ChunkBytes = 256L << 20;
    private const int Alignment = 64;
    private const int PieceBytes = 4 << 20;

    private readonly Dictionary<nint, nint> _copies = [];
    private readonly SortedList<nint, Copy> _byAddress = [];
    private readonly List<DeviceMemory> _chunks = [];
    private long _used;

    /// <summary>The copy of a weight, made when it is asked for the first time; small weights stay where they are.</summary>
    public nint CopyOf(nint source, long byteLength)
    {
        if (byteLength < SmallestCopied) return source;
        if (_copies.TryGetValue(source, out var copy)) return copy;
        copy = Reserve(byteLength);
        var pieces = checked((int)((byteLength + PieceBytes - 1) / PieceBytes));
        device.Pool.Run(new CopyPieces(source, copy, byteLength), pieces);
        _copies.Add(source, copy);
        _byAddress.Add(copy, new Copy(byteLength));
        return copy;
    }

    /// <summary>Interleaves the rows of a copy unless they are; false unless it is a whole copy that has groups.</summary>
    public bool Interleave(nint address, long rows, long rowBytes)
    {
        if (!_byAddress.TryGetValue(address, out var copy) || copy.ByteLength != rows * rowBytes) return false;
        if (copy.InterleavedRowBytes != 0) return copy.InterleavedRowBytes == rowBytes;
        if (!RowGroups.Fit(rows, rowBytes)) return false;
        RowGroups.Interleave(device, address, rows, rowBytes);
        copy.InterleavedRowBytes = rowBytes;
        return true;
    }

    /// <summary>True for an address within a copy whose rows are interleaved.</summary>
    public bool IsInterleaved(nint address)
    {
        var (first, last) = (0, _byAddress.Count - 1); // the last copy that starts at the address or before it
        while (first <= last)
        {
            var middle = (first + last) / 2;
            if (_byAddress.GetKeyAtIndex(middle) <= address) first = middle + 1;
            else last = middle - 1;
        }

        if (last < 0) return false;
        var copy = _byAddress.GetValueAtIndex(last);
        return copy.InterleavedRowBytes != 0 && address < _byAddress.GetKeyAtIndex(last) + (nint)copy.ByteLength;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var chunk in _chunks) chunk.Dispose();
        _chunks.Clear();
        _copies.Clear();
        _byAddress.Clear();
    }

    private nint Reserve(long byteLength)
    {
        if (_chunks.Count == 0 || _used + byteLength > _chunks[^1].ByteLength)
        {
            _chunks.Add(device.Allocate(Math.Max(ChunkBytes, byteLength), "weights"));
            _used = 0;
        }

        var address = _chunks[^1].Address + (nint)_used;
        _used += (byteLength + Alignment - 1) / Alignment * Alignment;
        return address;
    }

    private sealed class Copy(long byteLength)
    {
        public long ByteLength => byteLength;

        /// <summary>Bytes of a row once rows are interleaved, 0 before.</summary>
        public long InterleavedRowBytes { get; set; }
    }

    private sealed class CopyPieces(nint source, nint target, long byteLength) : IParallelBody
    {
        public void Execute(int item, int worker)
        {
            var offset = (long)item * PieceBytes;
            var length = Math.Min(PieceBytes, byteLength - offset);
            Buffer.MemoryCopy((void*)(source + (nint)offset), (void*)(target + (nint)offset), length, length);
        }
    }
}
