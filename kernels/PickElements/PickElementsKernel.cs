// y[m, k] = x[m, positions[m, k]], NaN where there is no such position.
// x [rows, sourceColumns] f32, rows `pitch` apart; positions [rows, columns] i32; y [rows, columns] f32. One element a
// thread (RowGrid). Bytes: 12 per element of y, a sector each of x.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Elements of rows by position, one a thread.</summary>
internal sealed record PickElementsKernel(RowGrid Grid) : IKernelVariant
{
    public string Name => $"pick_elements_{Grid.Name}";

    /// <summary>A launch of the kernel.</summary>
    public static GpuLaunch Bind(GpuKernels kernels, BoundTensor x, BoundTensor positions, BoundTensor y)
    {
        var (rows, columns) = (checked((int)y.Rows), checked((int)y.Columns));
        return kernels.Launch(
            new PickElementsKernel(RowGrid.For(columns, 1)), LaunchSizes.Of(("rows", rows), ("columns", columns)),
            x, positions, y, x.RowPitch, checked((int)x.Columns), rows, columns);
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y[m, k] = x[m, positions[m, k]]",
            Grid = Grid.Cover,
            Flops = _ => 0,
            Bytes = size => 12 * size["rows"] * size["columns"],
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.Input<F32>("x", 4);
            var positions = k.Input<S32>("positions", 4);
            var y = k.Output<F32>("y", 4);
            var pitch = k.Scalar<S64>("pitch");
            var sourceColumns = k.Scalar<S32>("sourceColumns");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var place = Isa.MulWide(row, columns);
            var position = (positions + place)[column];
            (y + place)[column] = LoadIf(
                (position >= 0) & (position < sourceColumns), x + row.ToS64() * pitch, position, float.NaN);
        });
    }
}
