// y[r] = x[r] + table[(r / repeat) mod P].
// x [rows, columns] of In, rows `pitch` apart; table [P, columns] f32, rows `tablePitch` apart; y [rows, columns] of
// Out, dense, may be x itself when the types are the same. Each thread has one vector (RowGrid). One f32 addition.
// Bytes: x and y once; the table comes from cache. Any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>Table rows added to runs of rows, one vector a thread.</summary>
internal sealed record AddRowsKernel(DType In, DType Table, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name => $"add_rows_{In.ShortName()}_{Table.ShortName()}_{Out.ShortName()}_{Grid.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y[r] = x[r] + table[(r / repeat) mod P]",
            Grid = Grid.Cover,
            Flops = size => size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (In.ByteSize(size["columns"]) + Out.ByteSize(size["columns"]))
                + size["tableRows"] * Table.ByteSize(size["columns"]),
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.InputFloats("x", In, (int)In.ByteSize(Grid.Vector));
            var table = k.InputFloats("table", Table, (int)Table.ByteSize(Grid.Vector));
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var tablePitch = k.Scalar<S64>("tablePitch");
            var tableRows = k.Scalar<S32>("tableRows");
            var repeat = k.Scalar<S32>("repeat");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var values = (x + row.ToS64() * pitch).Load(column, Grid.Vector);
            var added = (table + (row / repeat % tableRows).ToS64() * tablePitch).Load(column, Grid.Vector);
            for (var i = 0; i < values.Length; i++) values[i] += added[i];
            (y + Isa.MulWide(row, columns)).Store(column, values);
        });
    }
}
