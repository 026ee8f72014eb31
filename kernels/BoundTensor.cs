using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A tensor at an address of the device. The last axis is contiguous; all other axes together are "rows" that lie
/// <see cref="RowPitch"/> elements apart, so a slice of columns (the q of a fused qkv) needs no copy.
/// </summary>
/// <param name="Address">Address of the first element; 0 while only shapes are known.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="RowPitch">Elements between the starts of neighbouring rows; the last extent when contiguous.</param>
public readonly record struct BoundTensor(nint Address, DType DType, Shape Shape, long RowPitch)
{
    /// <summary>A contiguous tensor.</summary>
    public BoundTensor(nint address, DType dtype, Shape shape)
        : this(address, dtype, shape, shape.Rank == 0 ? 1 : shape[^1])
    {
    }

    /// <summary>Type without place.</summary>
    public TensorType Type => new(DType, Shape);

    /// <summary>Number of rows: the product of all extents but the last.</summary>
    public long Rows => Shape.RowCount;

    /// <summary>Length of a row: the last extent, 1 for a scalar.</summary>
    public long Columns => Shape.Rank == 0 ? 1 : Shape[^1];

    /// <summary>True when rows follow each other without gaps.</summary>
    public bool IsContiguous => RowPitch == Columns;
}
