using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>Element type and extents of a value that flows between ops.</summary>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Extents, outermost first.</param>
public readonly record struct TensorType(DType DType, Shape Shape)
{
    /// <summary>Bytes of the contiguous tensor.</summary>
    public long ByteLength => DType.ByteSize(Shape.ElementCount);

    /// <summary>An f32 tensor.</summary>
    public static TensorType F32(Shape shape) => new(DType.F32, shape);

    /// <summary>An i32 tensor: ids, positions, spans.</summary>
    public static TensorType I32(Shape shape) => new(DType.I32, shape);

    /// <inheritdoc/>
    public override string ToString() => $"{DType.ShortName()}{Shape}";
}
