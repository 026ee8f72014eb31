using System.Diagnostics;

namespace FlamingoGpu.Profiling.Meters;

/// <summary>The host's clock around each node.</summary>
internal sealed class ClockMeter : INodeMeter
{
    private readonly List<Measurement> _measured = [];
    private readonly long _origin = Stopwatch.GetTimestamp();
    private long _start;

    public ProfileUnit Unit => ProfileUnit.HostNanoseconds;

    public void Start() => _start = Stopwatch.GetTimestamp();

    public void Stop()
    {
        var end = Stopwatch.GetTimestamp();
        _measured.Add(new Measurement(Nanoseconds(_start - _origin), Nanoseconds(end - _start)));
    }

    public IReadOnlyList<Measurement> Take() => _measured;

    public void Dispose()
    {
    }

    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
}
