using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Profiling.Meters;

/// <summary>What the virtual GPU counted between the start and the end of each node.</summary>
internal sealed class CountMeter : INodeMeter
{
    private readonly VirtualDriver _driver;
    private readonly List<Measurement> _measured = [];
    private (long Instructions, long Bytes, long Sectors) _now;
    private (long Instructions, long Bytes, long Sectors) _start;

    public CountMeter(VirtualDriver driver)
    {
        _driver = driver;
        driver.Launched += Count;
    }

    public ProfileUnit Unit => ProfileUnit.WarpInstructions;

    public void Start() => _start = _now;

    public void Stop() => _measured.Add(new Measurement(
        _start.Instructions, _now.Instructions - _start.Instructions, _now.Bytes - _start.Bytes,
            _now.Sectors - _start.Sectors));

    public IReadOnlyList<Measurement> Take() => _measured;

    public void Dispose() => _driver.Launched -= Count;

    private void Count(LaunchReport report) => _now = (
        _now.Instructions + report.Counters.WarpInstructions,
        _now.Bytes + report.Counters.GlobalBytesRead + report.Counters.GlobalBytesWritten,
        _now.Sectors + report.Counters.GlobalSectors);
}
