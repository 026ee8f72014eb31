using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Profiling.Meters;

/// <summary>
/// Two timed events around each node, on the device's own stream. Events are read and used again in batches, so that a
/// long run keeps few; reading waits for the device.
/// </summary>
internal sealed class EventMeter : INodeMeter
{
    private const int BatchNodes = 2048;

    private readonly GpuDevice _device;
    private readonly List<Measurement> _measured = [];
    private readonly List<(IGpuEvent Start, IGpuEvent End)> _pairs = [];
    private readonly IGpuEvent _origin;
    private int _used;

    public EventMeter(GpuDevice device)
    {
        _device = device;
        _origin = device.Driver.CreateEvent(timed: true);
        device.Stream.Record(_origin);
    }

    public ProfileUnit Unit => ProfileUnit.DeviceNanoseconds;

    public void Start()
    {
        if (_used == BatchNodes) Read();
        if (_used == _pairs.Count) _pairs.Add(
            (_device.Driver.CreateEvent(timed: true), _device.Driver.CreateEvent(timed: true)));
        _device.Stream.Record(_pairs[_used].Start);
    }

    public void Stop() => _device.Stream.Record(_pairs[_used++].End);

    public IReadOnlyList<Measurement> Take()
    {
        Read();
        return _measured;
    }

    public void Dispose()
    {
        _origin.Dispose();
        foreach (var (start, end) in _pairs)
        {
            start.Dispose();
            end.Dispose();
        }
    }

    private void Read()
    {
        if (_used == 0) return;
        _pairs[_used - 1].End.Synchronize();
        foreach (var (start, end) in _pairs.Take(_used))
            _measured.Add(new Measurement(1e6 * start.MillisecondsSince(_origin), 1e6 * end.MillisecondsSince(start)));
        _used = 0;
    }
}
