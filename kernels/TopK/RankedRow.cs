using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A row seen in the order of falling keys, equal keys by rising id, without sorting it: places in that order are found
/// by building the key bit by bit and counting (or weighing) what lies above. All of it is the same in every thread of
/// the block and under every schedule: counts are integers, and weights are added in a fixed order.
/// </summary>
internal sealed class RankedRow(LogitRow row, int threads)
{
    private const int IdBits = 24;

    private readonly BlockIntegers _block = new(threads);

    /// <summary>Longest row whose ids the search covers.</summary>
    public static int MaxColumns => 1 << IdBits;

    /// <summary>The key of the first.</summary>
    public U32 Best()
    {
        var best = Var(0u);
        row.ForEach((key, _) => best.Set(Max(best, key)));
        return _block.Max(best);
    }

    /// <summary>The place of the <paramref name="count"/>-th, 1 to the length of the row.</summary>
    public RankCut AtCount(S32 count)
    {
        var key = LargestKey(candidate => Count((key, _) => key >= candidate) >= count);
        return new RankCut(key, IdOfTie(key, count - Count((other, _) => other > key)));
    }

    /// <summary>
    /// The place, of those that <paramref name="within"/> keeps, where the weights so far first reach the goal, or
    /// first exceed it. The goal must be reached by all of them together.
    /// </summary>
    public RankCut AtWeight(F32 goal, bool exceeds, RankCut within, F32 bestScore)
    {
        // What a cut keeps comes first in the order, so the goal is reached before anything it does not keep counts.
        var key = LargestKey(candidate =>
        {
            var sum = Weigh(candidate, (other, _) => other >= candidate, bestScore);
            return exceeds ? sum > goal : sum >= goal;
        });

        // Equal keys weigh the same, so the place among them is a quotient.
        var above = Weigh(key, (other, _) => other > key, bestScore);
        var quotient = (goal - above) / Weight(key, bestScore);
        var place = exceeds ? Isa.CvtRmi(quotient) + 1f : -Isa.CvtRmi(-quotient);
        var ties = Count((other, id) => (other == key) & within.Keeps(other, id));
        var rank = Min(Max(Min(place, 1e9f).TruncateToS32(), 1), ties);
        return new RankCut(key, IdOfTie(key, rank));
    }

    /// <summary>Sum of the weights that a cut keeps.</summary>
    public F32 Weigh(RankCut within, F32 bestScore) => Weigh(within.Key, within.Keeps, bestScore);

    /// <summary>Sum of the weights exp(score − best score) of some elements, all of at least this key.</summary>
    private F32 Weigh(U32 least, Func<U32, S32, Pred> where, F32 bestScore)
    {
        var sum = Var(0f);
        row.ForEachGroup((keys, first) =>
        {
            // Most elements lie far below what is looked for: one comparison for a group saves its exponentials.
            If(keys.Aggregate((a, b) => Max(a, b)) >= least, () =>
            {
                for (var i = 0; i < keys.Length; i++)
                {
                    sum += Select(where(keys[i], first + i), Weight(keys[i], bestScore), 0f);
                }
            });
        });
        return BlockSum(sum);
    }

    private static F32 Weight(U32 key, F32 bestScore) =>
        Exp2(Isa.MulRn(LogitKey.ValueOf(key) - bestScore, 1.44269504f));

    /// <summary>The largest key that satisfies what all smaller ones do.</summary>
    private static U32 LargestKey(Func<U32, Pred> holds)
    {
        var (key, bit) = (Var(0u), Var(0x80000000u));
        For(0, 32, _ =>
        {
            var candidate = key.Value | bit;
            key.Set(Select(holds(candidate), candidate, key));
            bit.Set(bit.Value >> 1);
        });
        return key;
    }

    private S32 Count(Func<U32, S32, Pred> where)
    {
        var count = Var(0);
        row.ForEach((key, id) => count += Select(where(key, id), (S32)1, 0));
        return _block.Sum(count);
    }

    /// <summary>Id of the rank-th (from 1) of the elements with this key.</summary>
    private S32 IdOfTie(U32 key, S32 rank)
    {
        var result = Var(0);
        If(
            rank == 1,
            () =>
            {
                var first = Var(int.MaxValue);
                row.ForEach((other, id) => first.Set(Select(other == key, Min(first, id), first)));
                result.Set(_block.Min(first));
            },
            () =>
            {
                // The largest number with fewer than rank such ids below it.
                var bit = Var(1 << (IdBits - 1));
                For(0, IdBits, _ =>
                {
                    var candidate = result.Value | bit;
                    var below = Count((other, id) => (other == key) & (id < candidate));
                    result.Set(Select(below < rank, candidate, result));
                    bit.Set(bit.Value >> 1);
                });
            });
        return result;
    }
}
