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
    private const int LeastPasses = 3;

    private readonly WorkerPool _all;
    private readonly WorkerPool _one = new(threadCount: 1);
    private readonly DeviceMemory _buffer;
    private readonly TimeSpan _time;
    private readonly int _streams;

    public MachineProbes(CpuDevice device, long bufferBytes, TimeSpan time)
    {
        (_all, _time) = (device.Pool, time);
        _buffer = device.Allocate(bufferBytes, "bandwidth probe");
        NativeMemory.Fill((void*)_buffer.Address, (nuint)bufferBytes, 1); // untouched pages share one page of zeros
        _streams = FastestStreams(_all);
    }

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

    private Samples Read(WorkerPool pool, nint address, long byteLength, int streams)
    {
        var body = new ReadBody(address, byteLength, streams, pool.ThreadCount);
        return Rates(body.ByteLength, () => pool.Run(body, body.ItemCount));
    }

    private Samples MultiplyAdd(WorkerPool pool)
    {
        var body = new MultiplyAddBody(pool.ThreadCount);
        var items = 8 * pool.ThreadCount;
        return Rates(items * MultiplyAddBody.FlopsPerItem, () => pool.Run(body, items));
    }

    /// <summary>Billions of units per second, of passes as long as a reading lasts; the first does not count.</summary>
    private Samples Rates(long unitsPerPass, Action pass)
    {
        pass();
        var rates = new List<double>();
        var begin = Stopwatch.GetTimestamp();
        do
        {
            var start = Stopwatch.GetTimestamp();
            pass();
            rates.Add(unitsPerPass / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }
        while (rates.Count < LeastPasses || Stopwatch.GetElapsedTime(begin) < _time);

        return new Samples(rates);
    }
}
