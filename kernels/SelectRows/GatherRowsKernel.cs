// y[r] = x[ids[r]], converted from In to Out.
// x [sourceRows, columns] of In, rows `pitch` apart; ids [rows] i32; y [rows, columns] of Out, dense. Each thread has
// one vector (RowGrid). A row whose id is outside x is filled with NaN: nothing outside x is ever read, and the mistake
// shows. Bytes: the rows wanted once, y once. Any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Rows gathered by number, one vector a thread.</summary>
internal sealed record GatherRowsKernel(DType In, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name => $"gather_rows_{In.ShortName()}_{Out.ShortName()}_{Grid.Name}";

    /// <summary>A launch of the kernel for a table and the numbers of the rows wanted.</summary>
    public static GpuLaunch Bind(GpuKernels kernels, BoundTensor x, BoundTensor ids, BoundTensor y)
    {
        var (rows, columns, sourceRows) = (checked((int)y.Rows), checked((int)y.Columns), checked((int)x.Rows));
        var grid = RowGrid.For(columns, FloatVectors.WidthFor(columns, x, y));
        return kernels.Launch(
            new GatherRowsKernel(x.DType, y.DType, grid),
            LaunchSizes.Of(("rows", rows), ("columns", columns)), x, ids, y, x.RowPitch, sourceRows, rows, columns);
    }

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y[r] = x[ids[r]]",
            Grid = Grid.Cover,
            Flops = _ => 0,
            Bytes = size => size["rows"] * (4 + In.ByteSize(size["columns"]) + Out.ByteSize(size["columns"])),
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.InputFloats("x", In, (int)In.ByteSize(Grid.Vector));
            var ids = k.Input<S32>("ids", 4);
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var sourceRows = k.Scalar<S32>("sourceRows");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var id = ids[row];
            var values = new Var<F32>[Grid.Vector];
            for (var i = 0; i < values.Length; i++) values[i] = Var(float.NaN);
            When((id >= 0) & (id < sourceRows), () =>
            {
                var loaded = (x + id.ToS64() * pitch).Load(column, Grid.Vector);
                for (var i = 0; i < values.Length; i++) values[i].Set(loaded[i]);
            });
            (y + Isa.MulWide(row, columns)).Store(column, Array.ConvertAll(values, value => value.Value));
        });
    }
}
