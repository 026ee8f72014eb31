// y[r] = x[r / run · stride + first + r mod run], converted from In to Out: runs of rows cut out of longer runs
// (stride = length of those) or repeated (stride = 0).
// x of In, rows `pitch` apart; y [rows, columns] of Out, dense. Each thread has one vector (RowGrid).
// Bytes: y once and as many of x, which comes from cache where it is repeated. Any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Runs of rows copied, one vector a thread.</summary>
internal sealed record CopyRunsKernel(DType In, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name => $"copy_runs_{In.ShortName()}_{Out.ShortName()}_{Grid.Name}";

    /// <summary>A launch of the kernel.</summary>
    public static GpuLaunch Bind(GpuKernels kernels, BoundTensor x, BoundTensor y, long run, long stride, long first)
    {
        var (rows, columns) = (checked((int)y.Rows), checked((int)y.Columns));
        var grid = RowGrid.For(columns, FloatVectors.WidthFor(columns, x, y));
        return kernels.Launch(
            new CopyRunsKernel(x.DType, y.DType, grid),
            LaunchSizes.Of(("rows", rows), ("columns", columns), ("sourceRows", stride == 0 ? run : rows)),
            x, y, x.RowPitch, checked((int)run), checked((int)stride), checked((int)first), rows, columns);
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y[r] = x[r / run * stride + first + r mod run]",
            Grid = Grid.Cover,
            Flops = _ => 0,
            Bytes = size => size["sourceRows"] * In.ByteSize(size["columns"])
                + size["rows"] * Out.ByteSize(size["columns"]),
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.InputFloats("x", In, (int)In.ByteSize(Grid.Vector));
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var run = k.Scalar<S32>("run");
            var stride = k.Scalar<S32>("stride");
            var first = k.Scalar<S32>("first");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var source = row / run * stride + first + row % run;
            (y + Isa.MulWide(row, columns)).Store(column, (x + source.ToS64() * pitch).Load(column, Grid.Vector));
        });
    }
}
