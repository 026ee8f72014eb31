using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// Device time of steps that are enqueued while the device still works on the one before: a mark behind that one and
/// another behind the step itself.
/// </summary>
internal sealed class StepTimes(GpuDevice device) : IDisposable
{
    private readonly List<(IGpuEvent Begin, IGpuEvent End)> _steps = [];

    /// <summary>Marks the place in front of what is enqueued next.</summary>
    public void Begin()
    {
        _steps.Add((device.Driver.CreateEvent(timed: true), device.Driver.CreateEvent(timed: true)));
        device.Stream.Record(_steps[^1].Begin);
    }

    /// <summary>Marks the place behind it.</summary>
    public void End() => device.Stream.Record(_steps[^1].End);

    /// <summary>Seconds of each step; waits for the last.</summary>
    public IReadOnlyList<double> Seconds()
    {
        device.Synchronize();
        return [.. _steps.Select(step => 1e-3 * step.End.MillisecondsSince(step.Begin))];
    }

    /// <summary>Leaves out the steps so far.</summary>
    public void Forget()
    {
        device.Synchronize();
        foreach (var (begin, end) in _steps)
        {
            begin.Dispose();
            end.Dispose();
        }

        _steps.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();
}
