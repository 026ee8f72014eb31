using FlamingoGpu.Core;
using FlamingoGpu.Graph;

namespace FlamingoGpu.Models;

/// <summary>
/// Gives the modules of a model their tensors by name and expected shape. Implementations read a checkpoint, make
/// random numbers, or only record what was asked for.
/// </summary>
public interface IWeightSource
{
    /// <summary>True when an optional tensor exists.</summary>
    bool Contains(string name);

    /// <summary>A matrix or table, kept in the float dtype it is stored in (f32, f16, bf16).</summary>
    /// <param name="name">Full checkpoint name.</param>
    /// <param name="shape">Shape the module needs; a tensor of the same element count under
    /// <paramref name="storedShape"/> is accepted as that.</param>
    /// <param name="storedShape">Shape in the file when it differs (a convolution seen as a matrix), else null.</param>
    /// <exception cref="InvalidFileException">Missing, of another shape, or not a float; names file and tensor.</exception>
    Weight Matrix(string name, Shape shape, Shape? storedShape = null);

    /// <summary>A small tensor (bias, norm, gate, embedding that is added), widened to f32.</summary>
    /// <exception cref="InvalidFileException">Missing, of another shape, or not a float; names file and tensor.</exception>
    Weight Vector(string name, Shape shape);

    /// <summary>A stored matrix [K, N] that is multiplied from the right, as its transpose [N, K] in f32.</summary>
    /// <exception cref="InvalidFileException">Missing, of another shape, or not a float; names file and tensor.</exception>
    Weight Transposed(string name, Shape shape);
}
