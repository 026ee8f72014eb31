using System.Runtime.InteropServices;
using FlamingoGpu.Formats;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Owns what a loaded model's <see cref="Weight"/>s point to (mapped files, widened small tensors) and keeps the list
/// of all of them. Dispose after the last use of the model.
/// </summary>
public sealed unsafe class ModelWeights : IDisposable
{
    private readonly List<ITensorSource> _sources = [];
    private readonly List<nint> _allocations = [];
    private readonly List<WeightRecord> _records = [];
    private readonly List<Weight> _weights = [];

    /// <summary>Every tensor the model asked for, in the order of its constructors.</summary>
    public IReadOnlyList<WeightRecord> Records => _records;

    /// <summary>The constants themselves, in the same order.</summary>
    public IReadOnlyList<Weight> Weights => _weights;

    /// <summary>Takes over the disposal of a source.</summary>
    public void Own(ITensorSource source) => _sources.Add(source);

    /// <summary>Native memory that lives as long as this object.</summary>
    public nint Allocate(long byteLength)
    {
        var address = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(byteLength, 1), 64);
        _allocations.Add(address);
        return address;
    }

    /// <summary>Enters a tensor in the list and makes the constant.</summary>
    public Weight Add(string part, string name, TensorType type, nint address)
    {
        _records.Add(new WeightRecord(part, name, type.DType, type.Shape));
        var weight = new Weight(name, type, address);
        _weights.Add(weight);
        return weight;
    }

    /// <summary>An f32 constant that is computed, not stored (ALiBi slopes); it is not a parameter.</summary>
    public Weight Computed(string name, ReadOnlySpan<float> values)
    {
        var address = Allocate(values.Length * sizeof(float));
        values.CopyTo(new Span<float>((void*)address, values.Length));
        return new Weight(name, TensorType.F32([values.Length]), address);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var address in _allocations) NativeMemory.AlignedFree((void*)address);
        _allocations.Clear();
        foreach (var source in _sources) source.Dispose();
        _sources.Clear();
    }
}
