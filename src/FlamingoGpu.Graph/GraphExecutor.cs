using System.Runtime.InteropServices;
using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Graph;

/// <summary>
/// A graph bound to a device: every kernel chosen, every address fixed. <see cref="Run"/> allocates nothing. Not safe
/// for concurrent use; two executors on one arena must not be used at the same time. Disposing frees only a recording.
/// </summary>
public sealed class GraphExecutor : IDisposable
{
    private readonly IDevice _device;
    private readonly BoundKernel?[] _kernels;
    private readonly nint _arena;
    private IReplay? _replay;

    /// <summary>Binds a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="arena">Memory for activations, at least <see cref="ComputeGraph.ArenaBytes"/>; borrowed.</param>
    /// <exception cref="ArgumentException">The arena is too small.</exception>
    public GraphExecutor(ComputeGraph graph, IKernelLibrary kernels, Arena arena)
    {
        if (arena.ByteLength < graph.ArenaBytes)
            throw new ArgumentException($"the graph needs {graph.ArenaBytes} bytes of arena, this one has {arena.ByteLength}.", nameof(arena));
        Graph = graph;
        _device = arena.Device;
        _arena = arena.Address;
        _kernels = new BoundKernel?[graph.Nodes.Count];
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            var node = graph.Nodes[i];
            if (node.Output.Shape.ElementCount == 0) continue;
            if (BindWithNext(kernels, node) is { } both) _kernels[++i] = both;
            else _kernels[i] = kernels.Bind(node.Op, Bind(node.Inputs), Bind(node.Output));
        }
    }

    /// <summary>The graph.</summary>
    public ComputeGraph Graph { get; }

    /// <summary>Hears about each node; null costs nothing.</summary>
    public IExecutionListener? Listener { get; set; }

    /// <summary>
    /// The kernel variant each node was given, by label, in order; empty nodes, and norms that the product behind them
    /// does, are left out.
    /// </summary>
    public IEnumerable<(GraphNode Node, string Variant)> Variants =>
        Graph.Nodes.Where(node => _kernels[node.Index] is not null).Select(node => (node, _kernels[node.Index]!.Variant));

    /// <summary>Copies host data into an input.</summary>
    /// <exception cref="ArgumentException">The length is not the input's.</exception>
    public void Write<T>(string input, ReadOnlySpan<T> data)
        where T : unmanaged
    {
        var value = Graph.Inputs[input];
        var bytes = MemoryMarshal.AsBytes(data);
        if (bytes.Length != value.Type.ByteLength)
            throw new ArgumentException($"input '{input}' takes {value.Type}, got {bytes.Length} bytes.", nameof(data));
        _device.Upload(bytes, Bind(value).Address);
    }

    /// <summary>Runs all nodes.</summary>
    public void Run()
    {
        if (Listener is { } listener)
        {
            RunObserved(listener);
            return;
        }

        if (_replay is not null) _replay.Run();
        else RunNodes();
    }

    /// <summary>
    /// Records all nodes once, on a device that can, so that later runs are one call. Worth it for a graph that runs
    /// again and again, such as a decode step.
    /// </summary>
    public void Record()
    {
        if (_device is IRecordingDevice recorder) _replay ??= recorder.Record(RunNodes);
    }

    /// <summary>Runs node by node and checks every f32 result; slow, for finding where a number went wrong.</summary>
    /// <exception cref="NonFiniteException">Names the first node whose result is not finite.</exception>
    public void RunChecked()
    {
        foreach (var node in Graph.Nodes)
        {
            if (_kernels[node.Index] is not { } kernel) continue;
            kernel.Run();
            if (node.Output.Type.DType != DType.F32) continue;
            var values = new float[node.Output.Shape.ElementCount];
            _device.Download(Bind(node.Output).Address, MemoryMarshal.AsBytes(values.AsSpan()));
            var bad = Array.FindIndex(values, value => !float.IsFinite(value));
            if (bad >= 0) throw new NonFiniteException(node.Label, bad, values[bad]);
        }
    }

    /// <summary>Copies an output to the host, after all work before it.</summary>
    /// <exception cref="ArgumentException">The length is not the output's.</exception>
    public void Read<T>(string output, Span<T> destination)
        where T : unmanaged
    {
        var value = Graph.Outputs[output];
        var bytes = MemoryMarshal.AsBytes(destination);
        if (bytes.Length != value.Type.ByteLength)
            throw new ArgumentException($"output '{output}' is {value.Type}, got room for {bytes.Length} bytes.", nameof(destination));
        _device.Download(Bind(value).Address, bytes);
    }

    /// <summary>Copies an output into a new array.</summary>
    public float[] Read(string output)
    {
        var result = new float[Graph.Outputs[output].Shape.ElementCount];
        Read(output, result.AsSpan());
        return result;
    }

    /// <summary>Device address of an output or input, for a consumer or producer on the same device.</summary>
    public nint AddressOf(string name) =>
        Bind(Graph.Outputs.TryGetValue(name, out var output) ? output : Graph.Inputs[name]).Address;

    /// <inheritdoc/>
    public void Dispose() => _replay?.Dispose();

    private void RunNodes()
    {
        foreach (var kernel in _kernels) kernel?.Run();
    }

    private void RunObserved(IExecutionListener listener)
    {
        foreach (var node in Graph.Nodes)
        {
            if (_kernels[node.Index] is not { } kernel) continue;
            listener.NodeStarting(node, kernel);
            kernel.Run();
            listener.NodeCompleted(node, kernel);
        }
    }

    /// <summary>One kernel for a normalisation and the product behind it, or null.</summary>
    private BoundKernel? BindWithNext(IKernelLibrary kernels, GraphNode norm)
    {
        if (NormFusion.WithNext(Graph, norm) is not { } op) return null;
        var product = Graph.Nodes[norm.Index + 1];
        BoundTensor[] inputs = [.. Bind(norm.Inputs), .. Bind(product.Inputs[1..])];
        return kernels.Fuses(op, inputs) ? kernels.Bind(op, inputs, Bind(product.Output)) : null;
    }

    private BoundTensor[] Bind(ReadOnlySpan<Value> values)
    {
        var tensors = new BoundTensor[values.Length];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = Bind(values[i]);
        return tensors;
    }

    private BoundTensor Bind(Value value)
    {
        var storage = value.Storage.Owner;
        var start = storage.Kind switch
        {
            StorageKind.Weight => _device.MakeResident(storage.Weight!.HostAddress, storage.ByteLength),
            StorageKind.State => storage.State.Address,
            _ when storage.IsBoundToState => storage.State.Address,
            _ => _arena + (nint)storage.ArenaOffset,
        };
        return new BoundTensor(start + (nint)value.Type.DType.ByteSize(value.ElementOffset), value.Type.DType, value.Shape, value.RowPitch);
    }
}
