using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;
using FlamingoGpu.Models;

namespace FlamingoGpu.Parity;

/// <summary>One unit with its settings and tensors, and the means to run a small graph and compare its results.</summary>
internal sealed class UnitContext(
    string name, string variant, JsonElement settings, TensorBag bag, ComputeDevice compute, DType? matrixType) : IDisposable
{
    private readonly ModelWeights _weights = new();
    private readonly Dictionary<string, Action<GraphExecutor>> _writes = [];

    /// <summary>Name of the unit.</summary>
    public string Name => name;

    /// <summary>Variant of the op.</summary>
    public string Variant => variant;

    /// <summary>Inputs, weights and outputs.</summary>
    public TensorBag Tensors => bag;

    /// <summary>The module's own state dict.</summary>
    public WeightScope Weights => new(new TensorWeights(_weights, bag.Source, "unit", matrixType), "w.");

    /// <summary>The graph of this unit.</summary>
    public GraphBuilder Graph { get; } = new();

    /// <summary>An integer setting.</summary>
    public int Int(string key, int fallback) => Find(key) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : fallback;

    /// <summary>A real setting.</summary>
    public double Real(string key, double fallback) => Find(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : fallback;

    /// <summary>A boolean setting.</summary>
    public bool Flag(string key, bool fallback) =>
        Find(key) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : fallback;

    /// <summary>Shape of a weight of the unit.</summary>
    public Shape WeightShape(string weight) => bag.ShapeOf("w." + weight);

    /// <summary>True when the unit has that weight.</summary>
    public bool HasWeight(string weight) => bag.Has("w." + weight);

    /// <summary>An f32 input of the fixture, possibly under another shape.</summary>
    public Value Input(string tensor, Shape? shape = null) => Input(tensor, bag.Floats("in." + tensor), shape ?? bag.ShapeOf("in." + tensor));

    /// <summary>An f32 input with given numbers.</summary>
    public Value Input(string input, float[] values, Shape shape)
    {
        _writes[input] = executor => executor.Write<float>(input, values);
        return Graph.Input(input, TensorType.F32(shape));
    }

    /// <summary>An i32 input with given numbers.</summary>
    public Value Input(string input, int[] values, Shape shape)
    {
        _writes[input] = executor => executor.Write<int>(input, values);
        return Graph.Input(input, TensorType.I32(shape));
    }

    /// <summary>A constant that is computed, not stored.</summary>
    public Weight Computed(string constant, ReadOnlySpan<float> values) => _weights.Computed(constant, values);

    /// <summary>Runs the graph and gives its outputs.</summary>
    public Dictionary<string, float[]> Run(out ComputeGraph graph)
    {
        graph = Graph.Build();
        using var arena = new Arena(compute.Device, graph.ArenaBytes);
        var executor = new GraphExecutor(graph, compute.Kernels, arena);
        foreach (var write in _writes.Values) write(executor);
        executor.Run();
        return graph.Outputs.Keys.ToDictionary(key => key, executor.Read);
    }

    /// <summary>Memory for a key-value cache of one layer.</summary>
    public Runtime.DeviceMemory Cache(long elements) => compute.Device.Allocate(elements * sizeof(float), "unit cache");

    /// <summary>Runs the graph and compares each output with <c>out.*</c>.</summary>
    public IEnumerable<StageReport> RunAndCompare()
    {
        var results = Run(out var graph);
        foreach (var (output, values) in results)
            yield return Compare(output, values, graph.LongestPath(output, node => RoundingBound.Steps(node, matrixType)));
    }

    /// <summary>Compares numbers with <c>out.*</c>.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="actual">What we got.</param>
    /// <param name="steps">Rounding steps on the longest path.</param>
    /// <param name="compared">Which positions count, or null for all.</param>
    public StageReport Compare(string output, float[] actual, double steps, bool[]? compared = null)
    {
        var (relative, derivation) = RoundingBound.Of(steps, matrixType, RoundingBound.Ceiling);
        return Comparison.Numbers($"{name}/{output}", bag.Floats("out." + output), actual, relative, derivation, compared: compared);
    }

    /// <summary>Rounding steps of a node.</summary>
    public double Steps(GraphNode node) => RoundingBound.Steps(node, matrixType);

    /// <inheritdoc/>
    public void Dispose()
    {
        compute.Device.ReleaseResidents();
        _weights.Dispose();
    }

    private JsonElement? Find(string key) =>
        settings.ValueKind == JsonValueKind.Object && settings.TryGetProperty(key, out var value) ? value : null;
}
