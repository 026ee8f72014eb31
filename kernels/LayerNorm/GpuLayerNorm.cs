using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="LayerNorm"/> to its GPU kernels.</summary>
internal static class GpuLayerNorm
{
    public static BoundKernel Bind(GpuKernels kernels, LayerNorm op, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
    {
        var x = inputs[0];
        var (rows, columns) = (checked((int)(y.Rows * op.Groups)), checked((int)(y.Columns / op.Groups)));
        var sizes = LaunchSizes.Of(("rows", rows), ("columns", columns));
        var vector = FloatVectors.WidthFor(columns, [.. inputs, y]);
        var inRegisters = RowNormKernel.For(columns, x.DType, y.DType, centered: true, op.Bias, vector, op.Groups);
        IKernelVariant variant = inRegisters is null
            ? new LongRowNormKernel(x.DType, y.DType, Centered: true, op.Bias, op.Groups) : inRegisters;
        KernelArgument[] parameters = new KernelArgument[inputs.Length - 1];
        for (var i = 0; i < parameters.Length; i++) parameters[i] = inputs[i + 1];
        return kernels.Launch(variant, sizes, [x, .. parameters, y, x.RowPitch, rows, columns, op.Epsilon]);
    }
}
