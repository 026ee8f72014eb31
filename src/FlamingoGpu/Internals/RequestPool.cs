using FlamingoGpu.Core;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// Keeps what the last requests were bound to, so that the next of the same sizes starts at once: on a GPU, planning,
/// binding and recording take longer than a short prompt. What is idle gives way when memory is short. Not safe for
/// concurrent use.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="compute">Where to run.</param>
/// <param name="memoryLimit">Bytes that weights and requests together may take.</param>
/// <param name="capacity">Idle requests to keep.</param>
internal sealed class RequestPool(
    FlamingoModel model, ComputeDevice compute, long memoryLimit, int capacity) : IDisposable
{
    private readonly List<BoundRequest> _idle = []; // the least recently used first
    private readonly MediaGraphs _media = new(model, compute.Activations);

    /// <summary>
    /// Idle requests a device is worth: none on the cpu, where binding is nothing beside the work.
    /// </summary>
    public static int CapacityFor(ComputeDevice compute) => compute.Device is IRecordingDevice ? 4 : 0;

    /// <summary>True when requests of equal sizes share what they are bound to: sizes are worth rounding.</summary>
    public bool IsShared => capacity > 0;

    /// <summary>A request of these sizes, idle or new.</summary>
    /// <exception cref="DeviceException">Its plan does not fit; has the figures.</exception>
    public BoundRequest Rent(RequestShape shape, TokenChoice? choice)
    {
        var found = _idle.FindLastIndex(idle => idle.Shape == shape && idle.Choice == choice);
        if (found < 0) return Make(shape, choice);
        var request = _idle[found];
        _idle.RemoveAt(found);
        return request;
    }

    /// <summary>Takes a request back.</summary>
    public void Return(BoundRequest request)
    {
        _idle.Add(request);
        while (_idle.Count > capacity) DropOldest();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.Count > 0) DropOldest();
    }

    private BoundRequest Make(RequestShape shape, TokenChoice? choice)
    {
        var graphs = new RequestGraphs(
            model, compute.Device, shape, compute.Activations, choice, compute.KvCache, _media);
        var plan = MemoryPlan.Of(model, graphs, compute.WorkspaceBytes);
        var request = plan with { WeightBytes = 0 };
        bool IsTight() => plan.TotalBytes + _idle.Sum(idle => idle.ByteLength) > memoryLimit
            || request.TotalBytes > compute.Device.AvailableBytes;
        while (_idle.Count > 0 && IsTight()) DropOldest();
        plan.RequireFits(memoryLimit, compute.Device.Name);
        request.RequireFits(compute.Device.AvailableBytes, compute.Device.Name);
        return new BoundRequest(graphs, _media, compute, shape, choice);
    }

    private void DropOldest()
    {
        _idle[0].Dispose();
        _idle.RemoveAt(0);
    }
}
