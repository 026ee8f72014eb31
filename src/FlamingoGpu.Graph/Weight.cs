using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Graph;

/// <summary>
/// A constant of a model: bytes in host memory (usually a mapped file) that outlive every graph using them. Compared by
/// reference: one object per tensor.
/// </summary>
public sealed class Weight
{
    /// <summary>Describes a constant.</summary>
    /// <param name="name">Checkpoint name, for errors and reports.</param>
    /// <param name="type">Type and shape as the kernels see it.</param>
    /// <param name="hostAddress">First byte, or 0 when only shapes are known.</param>
    public Weight(string name, TensorType type, nint hostAddress)
    {
        Name = name;
        Type = type;
        HostAddress = hostAddress;
    }

    /// <summary>Checkpoint name.</summary>
    public string Name { get; }

    /// <summary>Type and shape.</summary>
    public TensorType Type { get; }

    /// <summary>Address of the first byte, 0 for a shape-only model.</summary>
    public nint HostAddress { get; }

    /// <summary>Shape of the tensor.</summary>
    public Shape Shape => Type.Shape;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type}";
}
