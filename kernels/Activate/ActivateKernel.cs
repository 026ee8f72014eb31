// y = f(x), element by element; f = none is a cast.
// x [rows, columns] of In, rows `pitch` elements apart; y [rows, columns] of Out, dense; may be the same memory when
// the types are the same. Each thread has one vector (RowGrid). No shared memory. f in f32, one rounding when stored.
// Bytes: each element read once, written once. Any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>An activation, one vector a thread.</summary>
internal sealed record ActivateKernel(Activation Function, DType In, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name =>
        $"activate_{Function.ToString().ToLowerInvariant()}_{In.ShortName()}_{Out.ShortName()}_{Grid.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = $"y = {Function}(x)",
            Grid = Grid.Cover,
            Flops = size => size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (In.ByteSize(size["columns"]) + Out.ByteSize(size["columns"])),
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.InputFloats("x", In, (int)In.ByteSize(Grid.Vector));
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var values = (x + row.ToS64() * pitch).Load(column, Grid.Vector);
            (y + Isa.MulWide(row, columns)).Store(
                column, Array.ConvertAll(values, value => DeviceActivations.Apply(Function, value)));
        });
    }
}
