using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>Whether kernels may read and write several elements at once.</summary>
internal static class RowAlignment
{
    /// <summary>
    /// True when rows have a multiple of so many columns and all of them start on a multiple of so many elements.
    /// </summary>
    public static bool Allows(int elements, params ReadOnlySpan<BoundTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            if (tensor.Columns % elements != 0 || tensor.Address % tensor.DType.ByteSize(elements) != 0) return false;
            if (tensor.Rows > 1 && tensor.RowPitch % elements != 0) return false;
        }

        return true;
    }
}
