namespace FlamingoGpu.Runtime.Cpu;

/// <summary>
/// Copies of large weights in huge pages. A weight read from a mapped file comes in pages of 4 KiB, and a decode step,
/// which reads every weight once, then waits for address translation: plain reading of the machine in bench/results
/// reaches 75 GB/s in huge pages and 44 over a mapped file. Not safe for concurrent use.
/// </summary>
internal sealed unsafe class CpuWeightStore(CpuDevice device) : IDisposable
{
    private const long SmallestCopied = 1 << 20;
    private const long ChunkBytes = 256L << 20;
    private const int Alignment = 64;
    private const int PieceBytes = 4 << 20;

    private readonly Dictionary<nint, nint> _copies = [];
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
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var chunk in _chunks) chunk.Dispose();
        _chunks.Clear();
        _copies.Clear();
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
