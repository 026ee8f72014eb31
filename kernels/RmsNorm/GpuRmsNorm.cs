using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="RmsNorm"/> to its GPU kernels, those of <see cref="LayerNorm"/> without a mean.</summary>
internal static class GpuRmsNorm
{
    public static BoundKernel Bind(GpuKernels kernels, RmsNorm op, BoundTensor x, BoundTensor weight, BoundTensor y)
    {
        var (rows, columns) = (checked((int)y.Rows), checked((int)y.Columns));
        var vector = FloatVectors.WidthFor(columns, x, weight, y);
        var inRegisters = RowNormKernel.For(columns, x.DType, y.DType, centered: false, bias: false, vector);
        IKernelVariant variant =
            inRegisters is null ? new LongRowNormKernel(x.DType, y.DType, Centered: false, Bias: false) : inRegisters;
        return kernels.Launch(
            variant, LaunchSizes.Of(("rows", rows), ("columns", columns)),
            x, weight, y, x.RowPitch, rows, columns, op.Epsilon);
    }
}
