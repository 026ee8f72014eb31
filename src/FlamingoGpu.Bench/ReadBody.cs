using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Bench;

/// <summary>
/// Reads memory as fast as loads allow, in blocks handed out to threads. Within a block the thread follows one or four
/// places at a time: some prefetchers serve one stream best, some need several.
/// </summary>
internal sealed unsafe class ReadBody : IParallelBody
{
    /// <summary>The ways of reading that are tried.</summary>
    public static readonly int[] StreamCounts = [1, 4];

    private const long BlockBytes = 1 << 20;
    private const int CacheLine = 64;

    private readonly byte* _start;
    private readonly int _streams;
    private readonly ulong[] _seen; // keeps the loads alive; one cache line per worker

    public ReadBody(nint address, long byteLength, int streams, int workers)
    {
        _start = (byte*)((address + CacheLine - 1) & ~(nint)(CacheLine - 1));
        ItemCount = checked((int)((byteLength - (_start - (byte*)address)) / BlockBytes));
        _streams = streams;
        _seen = new ulong[workers * 16];
    }

    /// <summary>Blocks.</summary>
    public int ItemCount { get; }

    /// <summary>Bytes that are read: whole blocks.</summary>
    public long ByteLength => ItemCount * BlockBytes;

    /// <inheritdoc/>
    public void Execute(int item, int worker)
    {
        var block = _start + item * BlockBytes;
        var step = BlockBytes / _streams;
        _seen[worker * 16] |= _streams == 1 ? ReadOne(block) : ReadFour(block, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong ReadOne(byte* block)
    {
        if (!Vector512.IsHardwareAccelerated)
            return ReadNarrow(block, block + 64, block + 128, block + 192, BlockBytes / 4, stride: 256);
        var (a, b, c, d) = (Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero);
        for (var end = block + BlockBytes; block < end; block += 256)
        {
            a |= Vector512.Load((ulong*)block);
            b |= Vector512.Load((ulong*)(block + 64));
            c |= Vector512.Load((ulong*)(block + 128));
            d |= Vector512.Load((ulong*)(block + 192));
        }

        return Vector512.Sum(a | b | (c | d));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong ReadFour(byte* block, long step)
    {
        if (!Vector512.IsHardwareAccelerated)
            return ReadNarrow(block, block + step, block + 2 * step, block + 3 * step, step, stride: 64);
        var (a, b, c, d) = (Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero, Vector512<ulong>.Zero);
        for (var end = block + step; block < end; block += 64)
        {
            a |= Vector512.Load((ulong*)block);
            b |= Vector512.Load((ulong*)(block + step));
            c |= Vector512.Load((ulong*)(block + 2 * step));
            d |= Vector512.Load((ulong*)(block + 3 * step));
        }

        return Vector512.Sum(a | b | (c | d));
    }

    /// <summary>Reads 64 bytes at each of four places, <paramref name="lengthEach"/> / 64 times, with vectors of 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong ReadNarrow(byte* first, byte* second, byte* third, byte* fourth, long lengthEach, int stride)
    {
        var (a, b, c, d) = (Vector256<ulong>.Zero, Vector256<ulong>.Zero, Vector256<ulong>.Zero, Vector256<ulong>.Zero);
        for (long i = 0, at = 0; i < lengthEach; i += 64, at += stride)
        {
            a |= Vector256.Load((ulong*)(first + at)) | Vector256.Load((ulong*)(first + at + 32));
            b |= Vector256.Load((ulong*)(second + at)) | Vector256.Load((ulong*)(second + at + 32));
            c |= Vector256.Load((ulong*)(third + at)) | Vector256.Load((ulong*)(third + at + 32));
            d |= Vector256.Load((ulong*)(fourth + at)) | Vector256.Load((ulong*)(fourth + at + 32));
        }

        return Vector256.Sum(a | b | (c | d));
    }
}
