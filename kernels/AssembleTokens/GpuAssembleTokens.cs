using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="AssembleTokens"/> to its GPU kernel.</summary>
internal static class GpuAssembleTokens
{
    public static BoundKernel Bind(GpuKernels kernels, ReadOnlySpan<BoundTensor> inputs, BoundTensor y)
    {
        var (patches, classToken, positions) = (inputs[0], inputs[1], inputs[2]);
        var (rows, columns, tokens) = (checked((int)y.Rows), checked((int)y.Columns), checked((int)y.Shape[1]));
        var grid = RowGrid.For(columns, FloatVectors.WidthFor(columns, patches, classToken, positions, y));
        return kernels.Launch(
            new AssembleTokensKernel(patches.DType, y.DType, grid),
            LaunchSizes.Of(("rows", rows), ("columns", columns), ("tokens", tokens)),
            patches, classToken, positions, y, patches.RowPitch, positions.RowPitch, tokens, rows, columns);
    }
}
