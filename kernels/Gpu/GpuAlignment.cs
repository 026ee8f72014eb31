using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>Which operands vector accesses can take.</summary>
internal static class GpuAlignment
{
    /// <summary>
    /// True when rows can be read in pieces of <paramref name="elements"/>: every row starts on a multiple of a piece
    /// and is a whole number of pieces long.
    /// </summary>
    public static bool Allows(BoundTensor tensor, int elements) =>
        tensor.Address % (nint)tensor.DType.ByteSize(elements) == 0
        && tensor.Columns % elements == 0
        && (tensor.Rows <= 1 || tensor.RowPitch % elements == 0);
}
