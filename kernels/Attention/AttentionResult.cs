using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Stores what a warp has summed for its queries, in whole sectors.</summary>
/// <typeparam name="T">Type of the queries, whose tile 16-bit results pass through.</typeparam>
/// <param name="type">Type of the result.</param>
/// <param name="y">y [B, Sq, H·D], dense.</param>
/// <param name="headDim">D.</param>
/// <param name="rows">How many of the block's queries exist.</param>
/// <param name="rowsPerWarp">Queries of a warp.</param>
internal sealed class AttentionResult<T>(DType type, FloatPtr y, int headDim, S32 rows, int rowsPerWarp)
    where T : struct, IMatrixElement<T>
{
    /// <summary>Stores the sums; no other warp touches this one's rows of the tile any more.</summary>
    /// <param name="blockRow">Row of y of the block's first query.</param>
    /// <param name="head">The head.</param>
    /// <param name="tile">The block's queries.</param>
    /// <param name="row">This lane's first row in the block.</param>
    /// <param name="sums">The results.</param>
    public void Store(S64 blockRow, S32 head, SharedTile<T> tile, S32 row, ValueSums sums)
    {
        var result = y + (blockRow * (GridDim.Y * headDim).ToS64() + (head * headDim).ToS64());
        if (type == DType.F32) StoreWide(result.As<F32>(), row, sums);
        else StoreNarrow(result, tile, row, sums);
    }

    /// <summary>Four lanes store 32 bytes of a row at a time.</summary>
    private void StoreWide(Ptr<F32> result, S32 row, ValueSums sums) =>
        sums.ForEachPair((dr, dc, low, high) =>
        {
            var target = result + Isa.MulWide(row + dr, GridDim.Y * headDim) + (Accumulator.LaneColumn + dc);
            var pair = new Vec2<F32>(low, high);
            When(row + dr < rows, () => Isa.StGlobalV2(target, pair));
        });

    /// <summary>Through the warp's own rows of the query tile, so that two lanes store 32 bytes of a row at a
    /// time.</summary>
    private void StoreNarrow(FloatPtr result, SharedTile<T> tile, S32 row, ValueSums sums)
    {
        Isa.BarWarpSync();
        sums.ForEachPair((dr, dc, low, high) =>
        {
            var words = tile.Chunk(row + dr, dc).As<B32>();
            words[LaneId & 3] = SixteenBits.Pack(type, low, high);
        });
        Isa.BarWarpSync();
        for (var first = 0; first < rowsPerWarp; first += 16)
        {
            var (mine, half) = (WarpId * rowsPerWarp + first + (LaneId & 15), LaneId >> 4);
            var target = (result + Isa.MulWide(mine, GridDim.Y * headDim) + (half << 3)).As<B32>();
            for (var column = 0; column < headDim; column += 16)
            {
                // The chunk beside an even one differs in one bit of its address, swizzled or not.
                var chunk = Shared<B32>.From(tile.Chunk(mine, column).Address() ^ (half << 4).AsU32());
                var (to, four) = (target + column / 2, Isa.LdSharedV4(chunk));
                When(mine < rows, () => Isa.StGlobalV4(to, four));
            }
        }
    }
}
