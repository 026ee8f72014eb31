// The best of the parts of each row: keys and ids [rows, parts] of ArgMaxKernel, y [rows] i32, −1 for a row from which
// nothing can be chosen. One warp a row, 8 rows a block. Bytes: 8 per part, 4 per row. Any size.

using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The best of the parts of each row.</summary>
internal sealed record ArgMaxOfPartsKernel : IKernelVariant
{
    private const int Warps = 8;

    public string Name => "arg_max_of_parts";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "position of the largest of the parts of each row",
            Grid = size => new GridShape(GridShape.Cover(size["rows"], Warps)),
            Flops = _ => 0,
            Bytes = size => size["rows"] * (8 * size["parts"] + 4),
        };
        return PtxKernel.Define(Name, new BlockShape(32 * Warps), facts, k =>
        {
            var keys = k.Input<U32>("keys", 4);
            var ids = k.Input<S32>("ids", 4);
            var y = k.Output<S32>("y", 4);
            var parts = k.Scalar<S32>("parts");
            var rows = k.Scalar<S32>("rows");

            var row = BlockIdx.X * Warps + WarpId;
            ReturnIf(row >= rows);
            var first = Isa.MulWide(row, parts);
            var (best, at) = (Var(0u), Var(int.MaxValue));
            For(LaneId, parts, 32, part =>
            {
                var key = (keys + first)[part];
                at.Set(Select(key > best.Value, (ids + first)[part], at));
                best.Set(Max(best, key));
            });
            var all = Isa.ReduxSyncMax(best);
            var id = Isa.ReduxSyncMin(Select(best.Value == all, at, int.MaxValue));
            When(LaneId == 0, () => y[row] = Select(LogitKey.IsUnusable(all), -1, id));
        });
    }
}
