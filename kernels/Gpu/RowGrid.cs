using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// How threads are laid over a matrix whose elements stand alone: each thread has one vector of neighbouring columns,
/// lanes walk the columns, so that a warp reads and writes whole sectors; short rows share a block.
/// </summary>
/// <param name="Lanes">Threads along a row, a power of two.</param>
/// <param name="Vector">Elements of a thread.</param>
internal readonly record struct RowGrid(int Lanes, int Vector)
{
    private const int Threads = 256;

    /// <summary>Part of a kernel's name: block rows by block columns by vector.</summary>
    public string Name => $"{Block.Y}x{Lanes}x{Vector}";

    /// <summary>Threads of a block.</summary>
    public BlockShape Block => new(Lanes, Threads / Lanes);

    /// <summary>The layout for rows of some length.</summary>
    public static RowGrid For(long columns, int vector)
    {
        var lanes = 8;
        while (lanes < Threads && lanes * vector < columns) lanes *= 2;
        return new RowGrid(lanes, vector);
    }

    /// <summary>Blocks that cover the launch's <c>rows</c> and <c>columns</c>.</summary>
    public GridShape Cover(LaunchSizes sizes) =>
        new(GridShape.Cover(sizes["rows"], Block.Y), GridShape.Cover(sizes["columns"], Lanes * Vector));

    /// <summary>This thread's row and first column; threads outside the matrix end here.</summary>
    public (S32 Row, S32 Column) Place(S32 rows, S32 columns)
    {
        var row = BlockIdx.X * Block.Y + ThreadIdx.Y;
        var column = (BlockIdx.Y * Lanes + ThreadIdx.X) * Vector;
        ReturnIf((row >= rows) | (column >= columns));
        return (row, column);
    }
}
