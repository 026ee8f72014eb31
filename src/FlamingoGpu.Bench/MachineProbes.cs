using System.Diagnostics;
using System.Runtime.InteropServices;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Bench;

/// <summary>
/// Limits of the machine, measured with loops that do nothing else: bytes read per second from memory, and fused
/// multiply-adds per second on registers. The buffer lives as long as the object, so that readings can stand between
/// other measurements.
/// </summary>
internal sealed unsafe class MachineProbes : IDisposable
{
    private const int Passes = 3;
    private static readonly TimeSpan PeakTime = TimeSpan.FromMilliseconds(400);

    private readonly WorkerPool _all;
    private readonly WorkerPool _one = new(threadCount: 1);
    private readonly DeviceMemory _buffer;
    private readonly int _streams;

    public MachineProbes(CpuDevice device, long bufferBytes)
    {
        _all = device.Pool;
        _buffer = device.Allocate(bufferBytes, "bandwidth probe");
        NativeMemory.Fill((void*)_buffer.Address, (nuint)bufferBytes, 1); // untouched pages would all be the one page of zeros
        _streams = FastestStreams(_all);
    }

    /// <summary>Threads of the reading with all threads.</summary>
    public int Threads => _all.ThreadCount;

    /// <summary>Memory read bandwidth in GB/s, all threads; a few passes over the buffer.</summary>
    public Samples ReadBandwidth() => Read(_all, _buffer.Address, _buffer.ByteLength, _streams);

    /// <summary>Memory read bandwidth in GB/s of one thread.</summary>
    public Samples ReadBandwidthOfOneThread() => Read(_one, _buffer.Address, _buffer.ByteLength, FastestStreams(_one));

    /// <summary>The same for bytes at another place, such as mapped weights.</summary>
    public Samples ReadBandwidthAt(nint address, long byteLength) => Read(_all, address, byteLength, _streams);

    /// <summary>Fused multiply-adds on registers in GFLOP/s, all threads.</summary>
    public Samples MultiplyAddPeak() => MultiplyAdd(_all);

    /// <summary>Fused multiply-adds on registers in GFLOP/s, one thread.</summary>
    public Samples MultiplyAddPeakOfOneThread() => MultiplyAdd(_one);

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer.Dispose();
        _one.Dispose();
    }

    private int FastestStreams(WorkerPool pool) =>
        ReadBody.StreamCounts.MaxBy(streams => Read(pool, _buffer.Address, _buffer.ByteLength, streams).Median);

    private static Samples Read(WorkerPool pool, nint address, long byteLength, int streams)
    {
        var body = new ReadBody(address, byteLength, streams, pool.ThreadCount);
        pool.Run(body, body.ItemCount);
        return new Samples(Enumerable.Range(0, Passes).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            pool.Run(body, body.ItemCount);
            return body.ByteLength / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }));
    }

    private static Samples MultiplyAdd(WorkerPool pool)
    {
        var body = new MultiplyAddBody(pool.ThreadCount);
        var items = 8 * pool.ThreadCount;
        pool.Run(body, items);
        var rates = new List<double>();
        var begin = Stopwatch.GetTimestamp();
        do
        {
            var start = Stopwatch.GetTimestamp();
            pool.Run(body, items);
            rates.Add(items * (double)MultiplyAddBody.FlopsPerItem / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }
        while (rates.Count < Passes || Stopwatch.GetElapsedTime(begin) < PeakTime);

        return new Samples(rates);
    }
}
