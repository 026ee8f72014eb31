using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="LayerNorm"/> to its GPU kernels.</summary>
internal static class GpuLayerNorm
{
    public static BoundKernel Bind(GpuKernels kernels, LayerNorm op, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
    {
        var (x, rows, columns) = (inputs[0], checked((int)y.Rows), checked((int)y.Columns));
        var sizes = LaunchSizes.Of(("rows", rows), ("columns", columns));
        var vector = FloatVectors.WidthFor(columns, [.. inputs, y]);
        var inRegisters = RowNormKernel.For(columns, x.DType, y.DType, centered: true, op.Bias, vector);
        IKernelVariant variant =
            inRegisters is null ? new LongRowNormKernel(x.DType, y.DType, Centered: true, op.Bias) : inRegisters;
        return op.Bias
            ? kernels.Launch(variant, sizes, x, inputs[1], inputs[2], y, x.RowPitch, rows, columns, op.Epsilon)
            : kernels.Launch(variant, sizes, x, inputs[1], y, x.RowPitch, rows, columns, op.Epsilon);
    }
}
