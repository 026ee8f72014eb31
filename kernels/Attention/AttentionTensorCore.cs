// y = softmax(q·kᵀ·scale)·v on the tensor cores, f16 or bf16 with f32 scores and sums, never a matrix of scores.
//
// q [B, Sq, H·D], keys and values where the strategy says, of one 16-bit type, rows 16-byte aligned; y [B, Sq, H·D]
// dense, f32 or 16 bits. A block of 4 warps takes 64 or 128 queries of one head, 16 or 32 a warp, grid [Sq / queries,
// H, B], the last queries first: causal ones see most. Keys and values come in tiles through a ring of cp.async; tiles
// that no query of the block sees are not read, and only tiles that some query sees in part are masked. Scores stay
// where the first product leaves them: scaled by one multiply-add into the argument of 2ˣ, rounded to 16 bits they are
// the left factor of the second product. q comes into shared memory with the first keys; its place serves to store
// 16-bit results in whole sectors in the end. Queries that turn by their positions come first, and are rounded to 16
// bits once more.
// Shared memory: (queries + 2·keys·stages)·D·2 bytes. Registers: queries·D/128 sums, queries·keys/128 scores. Sums f32;
// weights are rounded to 16 bits for the product with v, not for their own sum. FLOPs 4·Sq·Sk·D a head. Bytes: q and y
// once, keys and values once for every block of queries. D a multiple of 16 from 16 to 128 (80 is 64 + 16, nothing is
// padded); scale above 0.

using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Attention on the tensor cores.</summary>
/// <param name="Variant">Types, head size and keys.</param>
/// <param name="Tile">Queries and keys at a time.</param>
internal sealed record AttentionTensorCore(AttentionVariant Variant, AttentionTile Tile) : IKernelVariant
{
    /// <inheritdoc/>
    public string Name => $"attention_mma_{Variant.Name}_{Tile}";

    /// <inheritdoc/>
    public PtxKernel Build() => Variant.In == DType.F16 ? Build<F16>() : Build<BF16>();

    private PtxKernel Build<T>()
        where T : struct, IMatrixElement<T>
    {
        var facts = AttentionFacts.Of(Variant.In, Variant.Out, Variant.HeadDim, Tile.Queries);
        return PtxKernel.Define(Name, new BlockShape(32 * AttentionTile.Warps), facts, k =>
        {
            var block = new AttentionBlock<T>(k, Variant, Tile.Queries, Tile.RowsPerWarp, Tile.Keys, Tile.Stages);
            var readQ = block.QueryTile.LeftFactor(WarpId * Tile.RowsPerWarp);
            var (readK, readV) = (block.KeyTile.RightFactor(0), block.ValueTile.RightFactorTransposed(0));
            var sums = new ValueSums(Tile.RowsPerWarp, ValueSums.Narrow(Variant.HeadDim));
            block.Ring.Run(
                block.Tiles.Count, block.Tiles.Fill,
                (stage, step) =>
                {
                    var (start, run) = block.Tiles.At(step);
                    WhereSeen(block.Seen, start, () =>
                    {
                        var scores = Score(readQ, readK, stage);
                        new TileSoftmax(scores, block.Seen, run, start)
                            .Weigh(block.Factor, block.Softmax, sums.Scale);
                        AddValues(scores, readV, stage, sums);
                    });
                },
                first: block.LoadQueries);

            block.Store(sums);
        });
    }

    /// <summary>Where queries see windows of their own, a warp leaves out the tiles that none of its queries
    /// sees.</summary>
    private void WhereSeen(QueryRow[] seen, S32 start, Action use)
    {
        if (seen[0].First is null)
        {
            use();
            return;
        }

        var isSeen = seen.Select(row => (row.First!.Value < start + Tile.Keys) & (row.End!.Value > start));
        If(Isa.VoteSyncAny(isSeen.Aggregate((a, b) => a | b)), use);
    }

    private Accumulator Score<T>(FragmentReader<T> queries, FragmentReader<T> keys, Stage stage)
        where T : struct, IMatrixElement<T>
    {
        var scores = new Accumulator(Tile.RowsPerWarp, Tile.Keys);
        for (var d = 0; d < Variant.HeadDim; d += 16)
        {
            var left = new Frag<T>[Tile.RowsPerWarp / 16];
            for (var m = 0; m < left.Length; m++) left[m] = queries.Load(16 * m, d, Stage.Only);
            var right = new Frag<T>[Tile.Keys / 16];
            for (var n = 0; n < right.Length; n++) right[n] = keys.Load(16 * n, d, stage);
            scores.Multiply<T>(left, right);
        }

        return scores;
    }

    /// <summary>sums += weights · v.</summary>
    private void AddValues<T>(Accumulator weights, FragmentReader<T> values, Stage stage, ValueSums sums)
        where T : struct, IMatrixElement<T>
    {
        for (var j = 0; j < Tile.Keys; j += 16)
        {
            var left = weights.ToLeft<T>(j);
            foreach (var (first, part) in sums.Parts)
            {
                var right = new Frag<T>[part.Columns / 16];
                for (var n = 0; n < right.Length; n++) right[n] = values.Load(j, first + 16 * n, stage);
                part.Multiply<T>(left, right);
            }
        }
    }
}
