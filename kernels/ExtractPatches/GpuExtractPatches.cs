using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="ExtractPatches"/> to its GPU kernel.</summary>
internal static class GpuExtractPatches
{
    public static BoundKernel Bind(GpuKernels kernels, ExtractPatches op, BoundTensor pixels, BoundTensor y)
    {
        var (rows, columns, patches) = (checked((int)y.Rows), checked((int)y.Columns), checked((int)y.Shape[1]));

        // A vector must not leave its line of the patch.
        var grid = RowGrid.For(columns, FloatVectors.WidthFor(op.PatchSize, pixels, y));
        return kernels.Launch(
            new ExtractPatchesKernel(op.PatchSize, y.DType, grid),
            LaunchSizes.Of(("rows", rows), ("columns", columns)),
            pixels, y, pixels.RowPitch, checked((int)pixels.Shape[1]), checked((int)pixels.Shape[2]),
            checked((int)(pixels.Shape[3] / op.PatchSize)), patches, rows, columns);
    }
}
