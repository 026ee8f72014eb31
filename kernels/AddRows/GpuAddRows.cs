using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="AddRows"/> to its GPU kernel.</summary>
internal static class GpuAddRows
{
    public static BoundKernel Bind(GpuKernels kernels, AddRows op, BoundTensor x, BoundTensor table, BoundTensor y)
    {
        var (rows, columns, tableRows) = (checked((int)y.Rows), checked((int)y.Columns), checked((int)table.Rows));
        var grid = RowGrid.For(columns, FloatVectors.WidthFor(columns, x, table, y));
        return kernels.Launch(
            new AddRowsKernel(x.DType, table.DType, y.DType, grid),
            LaunchSizes.Of(("rows", rows), ("columns", columns), ("tableRows", tableRows)),
            x, table, y, x.RowPitch, table.RowPitch, tableRows, op.Repeat, rows, columns);
    }
}
