using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="TopK"/> to its GPU kernel.</summary>
internal static class GpuTopK
{
    public static BoundKernel Bind(GpuKernels kernels, TopK op, BoundTensor x, BoundTensor y)
    {
        var (rows, columns) = (x.Rows, checked((int)x.Columns));
        if (columns > RankedRow.MaxColumns)
            throw new NotSupportedException($"gpu: top_k of {columns} columns; {RankedRow.MaxColumns} is the most.");
        return kernels.Launch(
            new TopKKernel(op.Count, LogitRowShape.For(columns, FloatVectors.WidthFor(columns, x))),
            LaunchSizes.Of(("rows", rows), ("columns", columns)), x, y, x.RowPitch, columns);
    }
}
