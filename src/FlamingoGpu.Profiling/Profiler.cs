using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Profiling.Meters;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Gpu;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Profiling;

/// <summary>
/// Listens to graphs and measures every node: by events on a real GPU, by the clock on the cpu, by counts on the
/// virtual GPU. Nothing below knows it. While it listens, recorded graphs run node by node, so gaps between kernels are
/// larger than in an unobserved run. Not safe for concurrent use.
/// </summary>
public sealed class Profiler : IExecutionListener, IDisposable
{
    private readonly INodeMeter _meter;
    private readonly List<(GraphNode Node, BoundKernel Kernel)> _nodes = [];
    private readonly string _device;
    private readonly Roof? _roof;

    private Profiler(IDevice device, INodeMeter meter, Roof? roof) =>
        (_device, _meter, _roof) = (device.Description, meter, roof);

    /// <summary>A profiler of what runs on a device; end it before the device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="roof">Limits of the device; null takes those a GPU states, if any.</param>
    public static Profiler On(IDevice device, Roof? roof = null) => device switch
    {
        GpuDevice { Driver: VirtualDriver driver } => new Profiler(device, new CountMeter(driver), null),
        GpuDevice gpu => new Profiler(device, new EventMeter(gpu), roof ?? Roof.Of(gpu.Properties)),
        _ => new Profiler(device, new ClockMeter(), roof),
    };

    /// <inheritdoc/>
    public void NodeStarting(GraphNode node, BoundKernel kernel) => _meter.Start();

    /// <inheritdoc/>
    public void NodeCompleted(GraphNode node, BoundKernel kernel)
    {
        _meter.Stop();
        _nodes.Add((node, kernel));
    }

    /// <summary>What was heard so far; waits for the device.</summary>
    public Profile Finish()
    {
        var measured = _meter.Take();
        return new Profile(_device, _meter.Unit, _roof, [.. _nodes.Select(Sample)]);

        NodeSample Sample((GraphNode Node, BoundKernel Kernel) run, int i) =>
            new(run.Node, run.Kernel.Variant, run.Kernel.Launches.Any(UsesTensorCores), measured[i]);
    }

    /// <summary>Stops listening to the device.</summary>
    public void Dispose() => _meter.Dispose();

    private static bool UsesTensorCores(GpuLaunch launch) =>
        launch.Kernel.Text.Contains("mma.sync", StringComparison.Ordinal)
        || launch.Kernel.Text.Contains("wgmma.mma_async", StringComparison.Ordinal);
}
