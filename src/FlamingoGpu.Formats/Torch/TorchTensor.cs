using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>A view on a storage, as torch pickles it. Its every element was checked to lie in the storage.</summary>
/// <param name="Storage">Where the elements are.</param>
/// <param name="DType">Element type.</param>
/// <param name="Offset">Position of the first element, in elements.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Strides">Distance between neighbours along each axis, in elements; not negative.</param>
internal sealed record TorchTensor(TorchStorage Storage, DType DType, long Offset, Shape Shape, long[] Strides)
{
    /// <summary>Bytes the elements take when they lie one after the other.</summary>
    public long ByteLength => DType.ByteSize(Shape.ElementCount);

    /// <summary>Bytes before the first element in the storage.</summary>
    public long ByteOffset => DType.ByteSize(Offset);

    /// <summary>True when the elements already lie in row-major order without gaps.</summary>
    public bool IsContiguous
    {
        get
        {
            if (Shape.ElementCount == 0) return true;
            long expected = 1;
            for (var axis = Shape.Rank - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != expected) return false;
                expected *= Shape[axis];
            }
            return true;
        }
    }
}
