using FlamingoGpu.Core;
using FlamingoGpu.Graph;

namespace FlamingoGpu.Models;

/// <summary>
/// A place in a checkpoint's tree of names. Modules take a scope in their constructor and ask for their tensors by the
/// literal last part of the name, so constructors are the naming scheme.
/// </summary>
/// <param name="Source">Where tensors come from.</param>
/// <param name="Prefix">Name so far, with a final dot, or empty.</param>
public readonly record struct WeightScope(IWeightSource Source, string Prefix = "")
{
    /// <summary>The scope one name further down.</summary>
    public WeightScope this[string name] => this with { Prefix = $"{Prefix}{name}." };

    /// <summary>The scope of a list element.</summary>
    public WeightScope this[int index] => this with { Prefix = $"{Prefix}{index}." };

    /// <summary>True when an optional tensor exists.</summary>
    public bool Contains(string name) => Source.Contains(Prefix + name);

    /// <inheritdoc cref="IWeightSource.Matrix"/>
    public Weight Matrix(string name, Shape shape, Shape? storedShape = null) =>
        Source.Matrix(Prefix + name, shape, storedShape);

    /// <inheritdoc cref="IWeightSource.Vector"/>
    public Weight Vector(string name, Shape shape) => Source.Vector(Prefix + name, shape);

    /// <inheritdoc cref="IWeightSource.Transposed"/>
    public Weight Transposed(string name, Shape shape) => Source.Transposed(Prefix + name, shape);
}
