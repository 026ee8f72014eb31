using System.Runtime.CompilerServices;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Neighbouring elements of one thread: one access where addresses allow, else one each.</summary>
internal static class FloatVectors
{
    /// <summary>
    /// The most neighbouring elements that every one of these tensors can move in one access of at most 16 bytes: rows
    /// must be made of whole vectors and start at multiples of them. 1 always works.
    /// </summary>
    public static int WidthFor(long columns, params ReadOnlySpan<BoundTensor> tensors)
    {
        for (var width = 8; width > 1; width /= 2)
        {
            var fits = columns % width == 0;
            foreach (var tensor in tensors)
            {
                var bytes = tensor.DType.ByteSize(width);
                fits &= bytes <= 16 && tensor.Address % bytes == 0
                    && (tensor.Rows <= 1 || tensor.RowPitch % width == 0);
            }

            if (fits) return width;
        }

        return 1;
    }

    /// <summary>Elements index … index+count−1.</summary>
    public static F32[] Load(
        this FloatPtr pointer, S32 index, int count,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        count == 1 ? [pointer[index, line, file]] : (pointer + index).LoadVector(count, default, line, file);

    /// <summary>Writes elements from index on.</summary>
    public static void Store(
        this FloatPtr pointer, S32 index, ReadOnlySpan<F32> values,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        if (values.Length == 1) pointer[index, line, file] = values[0];
        else (pointer + index).StoreVector(values, line, file);
    }
}
