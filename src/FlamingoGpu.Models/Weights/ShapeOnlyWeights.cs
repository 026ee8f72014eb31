using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// Weights without bytes: a model built on it has every shape and name but cannot run. Parameter counts and memory
/// plans of models that are not on disk come from here.
/// </summary>
/// <param name="weights">Records what is asked for.</param>
/// <param name="part">Part of the model.</param>
/// <param name="dtype">Type assumed for matrices.</param>
public sealed class ShapeOnlyWeights(ModelWeights weights, string part, DType dtype) : IWeightSource
{
    /// <inheritdoc/>
    public bool Contains(string name) => false;

    /// <inheritdoc/>
    public Weight Matrix(string name, Shape shape, Shape? storedShape = null) =>
        weights.Add(part, name, new TensorType(dtype, shape), 0);

    /// <inheritdoc/>
    public Weight Vector(string name, Shape shape) => weights.Add(part, name, TensorType.F32(shape), 0);

    /// <inheritdoc/>
    public Weight Transposed(string name, Shape shape) =>
        weights.Add(part, name, TensorType.F32([shape[1], shape[0]]), 0);
}
