// Positions of the K largest elements of each row by falling value, equal ones by rising position; −1 for a row that
// holds a NaN or +∞.
// x [rows, columns] f32, rows `pitch` apart; y [rows, K] i32. One block a row, its keys kept in it (LogitRow). The
// K-th key is found by 32 counts; the K elements are gathered in shared memory in any order, and each finds its rank by
// comparing itself with the others. Integers only: the same under every schedule.
// Shared memory: 8 K bytes, and up to 40 KiB of keys. Bytes: the row once, y once. K at most 128, columns K to 2²⁴.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The K largest of a row, one block a row.</summary>
internal sealed record TopKKernel(int Count, LogitRowShape Shape) : IKernelVariant
{
    public string Name => $"top_{Count}_{Shape.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = $"positions of the {Count} largest elements of each row",
            Grid = size => new GridShape(size["rows"]),
            Flops = _ => 0,
            Bytes = size => 4 * size["rows"] * (size["columns"] + Count),
        };
        return PtxKernel.Define(Name, new BlockShape(Shape.Threads), facts, k =>
        {
            var x = k.InputFloats("x", DType.F32, 4 * Shape.Vector);
            var y = k.Output<S32>("y", 4);
            var pitch = k.Scalar<S64>("pitch");
            var columns = k.Scalar<S32>("columns");

            var row = LogitRow.Read(x + BlockIdx.X.ToS64() * pitch, columns, Shape, value => value);
            var ranked = new RankedRow(row, Shape.Threads);
            var isUnusable = ranked.Best() >= LogitKey.PlusInfinity;
            var cut = ranked.AtCount(Count);

            var (keys, ids) = (SharedArray<U32>(Count), SharedArray<S32>(Count));
            var used = SharedArray<S32>(1);
            When(ThreadIdx.X == 0, () => used[0] = 0);
            Barrier();
            row.ForEach((key, id) => If(cut.Keeps(key, id), () =>
            {
                var place = Isa.AtomSharedAdd<S32>(used, 1);
                keys[place] = key;
                ids[place] = id;
            }));
            Barrier();
            If(ThreadIdx.X < Count, () =>
            {
                var (key, id, rank) = (keys[ThreadIdx.X], ids[ThreadIdx.X], Var(0));
                For(0, Count, i => rank += Select((keys[i] > key) | ((keys[i] == key) & (ids[i] < id)), (S32)1, 0));
                (y + BlockIdx.X * Count)[rank] = Select(isUnusable, -1, id);
            });
        });
    }
}
