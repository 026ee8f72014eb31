using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Which tile of a product a block makes: tiles go in groups of 8 rows of tiles, down the rows of a group, then on by a
/// column, so that blocks which run together share x and w in the second-level cache.
/// </summary>
internal static class TileOrder
{
    private const int GroupRows = 8;

    /// <summary>First row and column of this block's tile of [m, n] results.</summary>
    public static (S32 Row, S32 Column) Origin(S32 m, S32 n, int tileRows, int tileColumns)
    {
        var rows = (m + (tileRows - 1)) / tileRows;
        var columns = (n + (tileColumns - 1)) / tileColumns;
        var group = BlockIdx.X / (columns * GroupRows);
        var within = BlockIdx.X - group * (columns * GroupRows);
        var height = Min(rows - group * GroupRows, GroupRows);
        var column = within / height;
        return ((group * GroupRows + (within - column * height)) * tileRows, column * tileColumns);
    }
}
