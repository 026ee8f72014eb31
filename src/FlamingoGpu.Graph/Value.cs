using FlamingoGpu.Kernels;

namespace FlamingoGpu.Graph;

/// <summary>
/// A tensor inside a graph that is being built: the result of a node, an input, a constant, a state, or a view of one
/// of these. Immutable.
/// </summary>
public sealed class Value
{
    internal Value(Storage storage, TensorType type, long elementOffset, long rowPitch)
    {
        Storage = storage;
        Type = type;
        ElementOffset = elementOffset;
        RowPitch = rowPitch;
    }

    /// <summary>Element type and extents.</summary>
    public TensorType Type { get; }

    /// <summary>Extents.</summary>
    public Core.Shape Shape => Type.Shape;

    internal Storage Storage { get; }

    internal long ElementOffset { get; }

    internal long RowPitch { get; }

    internal bool IsContiguous => Shape.Rank == 0 || RowPitch == Shape[^1];

    internal bool CoversStorage => IsContiguous && ElementOffset == 0 && Type.ByteLength == Storage.ByteLength;
}
