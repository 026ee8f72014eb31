using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="LayerNorm"/> to its GPU kernel.</summary>
internal static class GpuLayerNorm
{
    public static BoundKernel Bind(GpuKernels kernels, LayerNorm op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var (x, columns) = (inputs[0], checked((int)inputs[0].Columns));
        var variant = new LayerNormKernel(x.DType, output.DType, op.Bias);
        var sizes = LaunchSizes.Of(("rows", x.Rows), ("columns", columns));
        return op.Bias
            ? kernels.Launch(variant, sizes, x, inputs[1], inputs[2], output, x.RowPitch, columns, op.Epsilon)
            : kernels.Launch(variant, sizes, x, inputs[1], output, x.RowPitch, columns, op.Epsilon);
    }
}
