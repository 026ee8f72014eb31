// Bans, penalises and checks logits: y = NaN where x is not finite, −∞ where banned, else x / penalty or x · penalty
// where seen.
// x [rows, columns] f32, rows `pitch` apart; banned [W] and seen [rows, W] words of 32 ids; y [rows, columns] f32,
// dense, may be x itself. Each thread has one vector (RowGrid), whose ids share a word. Bytes: x and y once, sets from
// cache.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Logits made ready for a choice, one vector a thread.</summary>
internal sealed record ProcessLogitsKernel(RowGrid Grid) : IKernelVariant
{
    public string Name => $"process_logits_{Grid.Name}";

    public PtxKernel Build()
    {
        var facts = new KernelFacts
        {
            Purpose = "bans, penalises and checks logits",
            Grid = Grid.Cover,
            Flops = size => size["rows"] * size["columns"],
            Bytes = size => size["rows"] * (8 * size["columns"] + 4 * size["words"]) + 4 * size["words"],
        };
        return PtxKernel.Define(Name, Grid.Block, facts, k =>
        {
            var x = k.InputFloats("x", DType.F32, 4 * Grid.Vector);
            var banned = k.Input<B32>("banned", 4);
            var seen = k.Input<B32>("seen", 4);
            var y = k.OutputFloats("y", DType.F32, 4 * Grid.Vector);
            var pitch = k.Scalar<S64>("pitch");
            var words = k.Scalar<S32>("words");
            var penalty = k.Scalar<F32>("penalty");
            var rows = k.Scalar<S32>("rows");
            var columns = k.Scalar<S32>("columns");

            var (row, column) = Grid.Place(rows, columns);
            var values = (x + row.ToS64() * pitch).Load(column, Grid.Vector);
            var word = column >> 5;
            var bannedBits = banned[word] >> (column & 31);
            var seenBits = (seen + Isa.MulWide(row, words))[word] >> (column & 31);
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i];
                var penalised = Select(value > 0f, Isa.DivRn(value, penalty), Isa.MulRn(value, penalty));
                var processed = Select(Has(seenBits, i), penalised, value);
                processed = Select(Has(bannedBits, i), float.NegativeInfinity, processed);
                values[i] = Select(Abs(value) < float.PositiveInfinity, processed, float.NaN);
            }

            (y + Isa.MulWide(row, columns)).Store(column, values);
        });
    }

    private static Pred Has(B32 bits, int index) => (bits.AsS32() & (1 << index)) != 0;
}
