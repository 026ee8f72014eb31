// Draws a position from the softmax of each row after the cuts of SampleToken, without sorting the row.
// x [rows, columns] f32, rows `pitch` apart; draws [rows] f32; y [rows] i32, −1 for a row from which nothing can be
// chosen. One block a row, its keys kept in it (LogitRow); each cut and the draw itself are searches for a place in
// the order of falling scores (RankedRow): 32 sums over the block, where exponentials are taken only of what lies above
// the place looked at. The same under every schedule.
// Accuracy: score = x / temperature, rounded as on the processor, so that the order is the same; a weight is off by at
// most 2⁻²² + |score − best|·2⁻²³ relative, a sum of n weights by that and the roundings of n / threads + 21 additions.
// Bytes: the row once. FLOPs: 4 per element and exponential. Columns 1 to 2²⁴.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>A draw from each row, one block a row.</summary>
internal sealed record SampleTokenKernel(bool HasTopK, bool HasTopP, bool HasMinP, LogitRowShape Shape) : IKernelVariant
{
    public string Name =>
        $"sample_token{(HasTopK ? "_k" : "")}{(HasTopP ? "_p" : "")}{(HasMinP ? "_min" : "")}_{Shape.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "draws a position from the softmax of each row after top-k, top-p and min-p",
            Grid = size => new GridShape(size["rows"]),
            Flops = size => 4 * size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (4 * size["columns"] + 8),
        };
        return PtxKernel.Define(Name, new BlockShape(Shape.Threads), facts, k =>
        {
            var x = k.InputFloats("x", DType.F32, 4 * Shape.Vector);
            var draws = k.Input<F32>("draws", 4);
            var y = k.Output<S32>("y", 4);
            var pitch = k.Scalar<S64>("pitch");
            var columns = k.Scalar<S32>("columns");
            var temperature = k.Scalar<F32>("temperature");
            var topK = k.Scalar<S32>("topK");
            var topP = k.Scalar<F32>("topP");
            var logMinP = k.Scalar<F32>("logMinP");

            var row = LogitRow.Read(
                x + BlockIdx.X.ToS64() * pitch, columns, Shape, value => Isa.DivRn(value, temperature));
            var ranked = new RankedRow(row, Shape.Threads);
            var bestKey = ranked.Best();
            When(LogitKey.IsUnusable(bestKey) & (ThreadIdx.X == 0), () => y[BlockIdx.X] = -1);
            ReturnIf(LogitKey.IsUnusable(bestKey));
            var best = LogitKey.ValueOf(bestKey);

            var cut = HasTopK ? ranked.AtCount(Min(topK, columns)) : RankCut.All;
            if (HasTopP)
                cut = ranked.AtWeight(Isa.MulRn(topP, ranked.Weigh(cut, best)), exceeds: false, cut, best);
            if (HasMinP) cut = cut.And(new RankCut(LogitKey.Of(Isa.AddRn(best, logMinP)), int.MaxValue));

            // A draw that rounding carried to the end takes the last element that weighs anything.
            var total = ranked.Weigh(cut, best);
            var drawn = Isa.MulRn(draws[BlockIdx.X], total);
            var goal = Select(drawn < total, drawn, Isa.MulRn(total, 1f - 1f / (1 << 23)));
            var chosen = ranked.AtWeight(goal, exceeds: true, cut, best);
            When(ThreadIdx.X == 0, () => y[BlockIdx.X] = chosen.Id);
        });
    }
}
