using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="LogSoftmax"/> to its GPU kernel.</summary>
internal static class GpuLogSoftmax
{
    public static BoundKernel Bind(GpuKernels kernels, BoundTensor x, BoundTensor y)
    {
        var (rows, columns) = (y.Rows, checked((int)y.Columns));
        return kernels.Launch(
            new LogSoftmaxKernel(y.DType, FloatVectors.WidthFor(columns, x, y)),
            LaunchSizes.Of(("rows", rows), ("columns", columns)), x, y, x.RowPitch, columns);
    }
}
