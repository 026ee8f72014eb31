using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="Activate"/> to its GPU kernel.</summary>
internal static class GpuActivate
{
    public static BoundKernel Bind(GpuKernels kernels, Activate op, BoundTensor x, BoundTensor y)
    {
        var (rows, columns) = (checked((int)y.Rows), checked((int)y.Columns));
        var grid = RowGrid.For(columns, FloatVectors.WidthFor(columns, x, y));
        return kernels.Launch(
            new ActivateKernel(op.Function, x.DType, y.DType, grid),
            LaunchSizes.Of(("rows", rows), ("columns", columns)), x, y, x.RowPitch, rows, columns);
    }
}
