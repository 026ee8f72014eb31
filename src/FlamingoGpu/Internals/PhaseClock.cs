using System.Diagnostics;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu;

/// <summary>
/// Times the phases of a request: where work is enqueued, by marks in the device's queue, else by the host's clock.
/// </summary>
internal sealed class PhaseClock : IDisposable
{
    private readonly GpuDevice? _gpu; // null: the host's clock
    private readonly List<IGpuEvent> _marks = [];
    private readonly List<long> _timestamps = [];

    /// <summary>A clock with its first mark.</summary>
    public PhaseClock(IDevice device)
    {
        _gpu = device is GpuDevice { Driver: not VirtualDriver } gpu ? gpu : null;
        Mark();
    }

    /// <summary>Ends a phase.</summary>
    public void Mark()
    {
        _timestamps.Add(Stopwatch.GetTimestamp());
        if (_gpu is null) return;
        var mark = _gpu.Driver.CreateEvent(timed: true);
        _marks.Add(mark);
        _gpu.Stream.Record(mark);
    }

    /// <summary>
    /// Time by the host's clock beyond that of all phases: how long the device and its result waited for the host.
    /// Nothing where both clocks are one.
    /// </summary>
    public TimeSpan Overhead => _gpu is null ? TimeSpan.Zero
        : Stopwatch.GetElapsedTime(_timestamps[0], _timestamps[^1]) - Enumerable.Range(0, _marks.Count - 1)
            .Aggregate(TimeSpan.Zero, (sum, number) => sum + Phase(number));

    /// <summary>Time of a phase, the first is 0. Waits for its end.</summary>
    public TimeSpan Phase(int number)
    {
        if (_gpu is null) return Stopwatch.GetElapsedTime(_timestamps[number], _timestamps[number + 1]);
        _marks[number + 1].Synchronize();
        return TimeSpan.FromMilliseconds(_marks[number + 1].MillisecondsSince(_marks[number]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mark in _marks) mark.Dispose();
    }
}
