// y[n, 0] = class + positions[0]; y[n, 1+v] = patches[n, v] + positions[1+v].
// patches [N·V, columns] of In, rows `pitch` apart; class [columns], positions [1+V, columns] f32 (rows `positionPitch`
// apart); y [N·(1+V), columns] of Out, dense. Each thread has one vector (RowGrid). One f32 addition.
// Bytes: patches and y once; class and positions come from cache. Any size.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Class token, patches and positions of each image, one vector a thread.</summary>
internal sealed record AssembleTokensKernel(DType In, DType Out, RowGrid Grid) : IKernelVariant
{
    public string Name => $"assemble_tokens_{In.ShortName()}_{Out.ShortName()}_{Grid.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "y[n, 0] = class + positions[0]; y[n, 1+v] = patches[n, v] + positions[1+v]",
            Grid = Grid.Cover,
            Flops = size => size["rows"] * size["columns"],
            Bytes = size => (size["rows"] - size["rows"] / size["tokens"]) * In.ByteSize(size["columns"])
                + size["rows"] * Out.ByteSize(size["columns"]) + 4 * (size["tokens"] + 1) * size["columns"],
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var patches = k.InputFloats("patches", In, (int)In.ByteSize(Grid.Vector));
            var classToken = k.InputFloats("classToken", DType.F32, 4 * Grid.Vector);
            var positions = k.InputFloats("positions", DType.F32, 4 * Grid.Vector);
            var y = k.OutputFloats("y", Out, (int)Out.ByteSize(Grid.Vector));
            var pitch = k.Scalar<S64>("pitch");
            var positionPitch = k.Scalar<S64>("positionPitch");
            var tokens = k.Scalar<S32>("tokens");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var image = row / tokens;
            var token = row % tokens;
            var sum = new Var<F32>[Grid.Vector];
            for (var i = 0; i < sum.Length; i++) sum[i] = Var(0f);
            If(
                token == 0,
                () => Set(sum, classToken.Load(column, Grid.Vector)),
                () => Set(sum, (patches + (row - image - 1).ToS64() * pitch).Load(column, Grid.Vector)));
            var place = (positions + token.ToS64() * positionPitch).Load(column, Grid.Vector);
            for (var i = 0; i < place.Length; i++) place[i] += sum[i];
            (y + Isa.MulWide(row, columns)).Store(column, place);
        });
    }

    private static void Set(Var<F32>[] variables, F32[] values)
    {
        for (var i = 0; i < values.Length; i++) variables[i].Set(values[i]);
    }
}
