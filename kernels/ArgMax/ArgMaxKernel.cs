// Position of the largest element of each row, or of each part of a row; equal elements go to the smaller position.
// x [rows, columns] f32, rows `pitch` apart; a part is `chunk` columns. Grid [rows, parts], a block of 256 threads a
// part, lanes walk it in vectors of up to 16 bytes. Best keys and ids [rows, parts] u32 and i32 for
// ArgMaxOfPartsKernel; of a whole row only the id, −1 when nothing can be chosen.
// Integer reductions only: the same under every order. Bytes: each element once. Any size below 2³¹ columns.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The best of each part of each row.</summary>
/// <param name="Vector">Elements of one access.</param>
/// <param name="IsWhole">True when a part is the whole row.</param>
internal sealed record ArgMaxKernel(int Vector, bool IsWhole) : IKernelVariant
{
    private const int Threads = 256;

    public string Name => $"arg_max_{(IsWhole ? "rows" : "parts")}_{Vector}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "largest element of each part of a row and its position",
            Grid = size => new GridShape(size["rows"], size["parts"]),
            Flops = _ => 0,
            Bytes = size => size["rows"] * (4 * size["columns"] + (IsWhole ? 4 : 8 * size["parts"])),
        };
        return PtxKernel.Define(Name, new BlockShape(Threads), facts, k =>
        {
            var x = k.InputFloats("x", DType.F32, 4 * Vector);
            var keys = IsWhole ? default : k.Output<U32>("keys", 4);
            var ids = k.Output<S32>("ids", 4);
            var pitch = k.Scalar<S64>("pitch");
            var columns = k.Scalar<S32>("columns");
            var chunk = k.Scalar<S32>("chunk");

            var row = x + BlockIdx.X.ToS64() * pitch;
            var start = BlockIdx.Y * chunk;
            var (best, at) = (Var(0u), Var(int.MaxValue));
            For(start + ThreadIdx.X * Vector, Min(columns, start + chunk), Threads * Vector, column =>
            {
                var values = row.Load(column, Vector);
                for (var i = 0; i < Vector; i++)
                {
                    // A thread meets its ids in rising order, so that only a larger key takes over.
                    var key = LogitKey.Of(values[i]);
                    var isBetter = key > best.Value;
                    at.Set(Select(isBetter, column + i, at));
                    best.Set(Max(best, key));
                }
            });
            var block = new BlockIntegers(Threads);
            var all = block.Max(best);
            var first = block.Min(Select(best.Value == all, at, int.MaxValue));
            When(ThreadIdx.X == 0, () =>
            {
                var part = BlockIdx.X * GridDim.Y + BlockIdx.Y;
                if (!IsWhole) keys[part] = all;
                ids[part] = IsWhole ? Select(LogitKey.IsUnusable(all), -1, first) : first;
            });
        });
    }
}
