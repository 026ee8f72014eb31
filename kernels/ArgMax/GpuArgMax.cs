using FlamingoGpu.Ptx;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Kernels;

/// <summary>Ties <see cref="ArgMax"/> to its GPU kernels: parts of rows, then rows.</summary>
internal static class GpuArgMax
{
    private const int ChunkColumns = 4096;
    private const int MaxParts = 1024;

    public static BoundKernel Bind(GpuKernels kernels, BoundTensor x, BoundTensor y)
    {
        var (rows, columns) = (checked((int)x.Rows), checked((int)x.Columns));
        var chunk = ChunkColumns * (int)GridShape.Cover(columns, (long)ChunkColumns * MaxParts);
        var parts = (int)GridShape.Cover(columns, chunk);
        var sizes = LaunchSizes.Of(("rows", rows), ("columns", columns), ("parts", parts));
        var kernel = new ArgMaxKernel(FloatVectors.WidthFor(columns, x), IsWhole: parts == 1);
        if (parts == 1) return kernels.Launch(kernel, sizes, x, y, x.RowPitch, columns, chunk);
        if (8L * rows * parts > GpuDevice.ScratchBytes)
            throw new NotSupportedException($"gpu: arg_max of {rows} rows of {columns} needs too much scratch memory.");
        var keys = kernels.Device.Scratch;
        var ids = keys + (nint)(4L * rows * parts);
        return new GpuSequence(
            "arg-max-parts",
            kernels.Launch(kernel, sizes, x, keys, ids, x.RowPitch, columns, chunk),
            kernels.Launch(new ArgMaxOfPartsKernel(), sizes, keys, ids, y, parts, rows));
    }
}
