using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Graph;

/// <summary>
/// Records nodes in the order of the forward pass; every shape is checked at once. One builder makes one
/// <see cref="ComputeGraph"/>. Not thread-safe.
/// </summary>
public sealed class GraphBuilder
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<Storage> _storages = [];
    private readonly Dictionary<Weight, Storage> _weights = [];
    private readonly Dictionary<string, Value> _inputs = [];
    private readonly Dictionary<string, Value> _outputs = [];
    private readonly Stack<string> _scopes = new();
    private readonly bool _keepProbes;
    private readonly DType _activations;

    /// <summary>Starts an empty graph.</summary>
    /// <param name="keepProbes">True to keep the values named by <see cref="Probe"/>, which costs memory.</param>
    /// <param name="activations">How results between the ops of a block are stored: f32, or f16 or bf16 for ops that
    /// <see cref="Op.MayNarrow"/>.</param>
    public GraphBuilder(bool keepProbes = false, DType activations = DType.F32) =>
        (_keepProbes, _activations) = (keepProbes, activations);

    /// <summary>Element type of narrow results.</summary>
    public DType Activations => _activations;

    private string CurrentScope => _scopes.TryPeek(out var scope) ? scope : "";

    /// <summary>A tensor the host writes before each run (<see cref="GraphExecutor.Write{T}"/>).</summary>
    public Value Input(string name, TensorType type)
    {
        var storage = Add(new Storage(StorageKind.Input, type.ByteLength) { IsKept = true });
        var value = Whole(storage, type);
        _inputs.Add(name, value);
        return value;
    }

    /// <summary>A constant of the model.</summary>
    public Value Constant(Weight weight)
    {
        if (!_weights.TryGetValue(weight, out var storage))
        {
            storage = Add(new Storage(StorageKind.Weight, weight.Type.ByteLength) { Weight = weight });
            _weights.Add(weight, storage);
        }

        return Whole(storage, weight.Type);
    }

    /// <summary>Device memory that outlives runs, read and written in place.</summary>
    /// <param name="type">Type and shape.</param>
    /// <param name="place">The first element; the memory may be allocated later, before the graph is bound.</param>
    public Value State(TensorType type, DevicePlace place) =>
        Whole(Add(new Storage(StorageKind.State, type.ByteLength) { State = place }), type);

    /// <summary>Applies an op; the result is contiguous, and narrow if the graph and the op allow it.</summary>
    /// <exception cref="ShapeMismatchException">An input does not fit; the message starts with the scope.</exception>
    public Value Apply(Op op, params ReadOnlySpan<Value> inputs) =>
        ApplyWide(op.MayNarrow && op.OutputType != _activations ? op with { OutputType = _activations } : op, inputs);

    /// <summary>The same numbers in the type of narrow results; the value itself where that is f32.</summary>
    public Value Narrow(Value x) => x.Type.DType == _activations ? x : Apply(new Activate(Activation.None), x);

    /// <summary>
    /// Applies an op whose result keeps the type the op states (f32): the residual stream, what the host reads.
    /// </summary>
    /// <exception cref="ShapeMismatchException">An input does not fit; the message starts with the scope.</exception>
    public Value ApplyWide(Op op, params ReadOnlySpan<Value> inputs)
    {
        var types = new TensorType[inputs.Length];
        for (var i = 0; i < inputs.Length; i++) types[i] = inputs[i].Type;
        TensorType type;
        try
        {
            type = op.Infer(types);
        }
        catch (ShapeMismatchException error)
        {
            throw new ShapeMismatchException($"{GraphNode.LabelOf(CurrentScope, op)}: {error.Subject}", error.Expected, error.Actual);
        }

        var output = Whole(Add(new Storage(StorageKind.Activation, type.ByteLength)), type);
        _nodes.Add(new GraphNode(_nodes.Count, CurrentScope, op, inputs.ToArray(), output));
        return output;
    }

    /// <summary>A view of <paramref name="count"/> columns of the last axis, without a copy.</summary>
    public static Value Columns(Value x, long start, long count)
    {
        if (start < 0 || count < 0 || start + count > x.Shape[^1])
            throw new ArgumentOutOfRangeException(nameof(start), $"columns {start}..{start + count} of {x.Shape}");
        return new Value(x.Storage, x.Type with { Shape = x.Shape.WithLast(count) }, x.ElementOffset + start, x.RowPitch);
    }

    /// <summary>A view of <paramref name="count"/> neighbouring rows of a matrix, without a copy.</summary>
    public static Value Rows(Value x, long start, long count)
    {
        if (x.Shape.Rank != 2 || start < 0 || count < 0 || start + count > x.Shape[0])
            throw new ArgumentOutOfRangeException(nameof(start), $"rows {start}..{start + count} of {x.Shape}");
        return new Value(x.Storage, x.Type with { Shape = [count, x.Shape[1]] }, x.ElementOffset + start * x.RowPitch, x.RowPitch);
    }

    /// <summary>The same elements under another shape, without a copy.</summary>
    /// <exception cref="ShapeMismatchException">Element counts differ, or a column slice would change its last axis.</exception>
    public static Value Reshape(Value x, Shape shape)
    {
        var keepsRows = shape.Rank > 0 && x.Shape.Rank > 0 && shape[^1] == x.Shape[^1];
        if (shape.ElementCount != x.Shape.ElementCount || (!x.IsContiguous && !keepsRows))
            throw new ShapeMismatchException("reshape", shape.ToString(), x.Shape);
        var pitch = keepsRows ? x.RowPitch : shape.Rank == 0 ? 1 : shape[^1];
        return new Value(x.Storage, x.Type with { Shape = shape }, x.ElementOffset, pitch);
    }

    /// <summary>Makes a value readable after the run under a name.</summary>
    public void Output(string name, Value value)
    {
        if (!value.IsContiguous) throw new ArgumentException($"output '{name}' is a column slice; outputs are whole tensors.");
        value.Storage.IsKept = true;
        _outputs.Add(name, value);
    }

    /// <summary>Lets the node that makes <paramref name="value"/> write straight into device memory that outlives the run.</summary>
    public static void StoreTo(DevicePlace place, Value value)
    {
        if (value.Storage.Kind != StorageKind.Activation || !value.CoversStorage)
            throw new ArgumentException("only the whole result of a node can be stored.");
        value.Storage.IsBoundToState = true;
        value.Storage.State = place;
    }

    /// <summary>Names a stage of the model; it becomes an output if the builder keeps probes.</summary>
    public void Probe(string name, Value value)
    {
        if (_keepProbes) Output(name, value);
    }

    /// <summary>Prefixes the labels of the nodes recorded until the result is disposed.</summary>
    public IDisposable Scope(string name)
    {
        _scopes.Push(_scopes.Count == 0 ? name : $"{_scopes.Peek()}.{name}");
        return new ScopeEnd(_scopes);
    }

    /// <summary>Plans the memory and closes the graph.</summary>
    public ComputeGraph Build()
    {
        var arenaBytes = LivenessPlanner.Plan(_nodes, _storages);
        return new ComputeGraph([.. _nodes], _inputs, _outputs, [.. _weights.Keys], arenaBytes);
    }

    private static Value Whole(Storage storage, TensorType type) =>
        new(storage, type, 0, type.Shape.Rank == 0 ? 1 : type.Shape[^1]);

    private Storage Add(Storage storage)
    {
        _storages.Add(storage);
        return storage;
    }

    private sealed class ScopeEnd(Stack<string> scopes) : IDisposable
    {
        public void Dispose() => scopes.Pop();
    }
}
