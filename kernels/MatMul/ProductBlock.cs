using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// What the matrix products on tensor cores have in common while they are staged: the parameters, which tile a block makes
/// of which part of K, and the copies of its rows.
/// </summary>
/// <typeparam name="T">Type of x and w.</typeparam>
internal sealed class ProductBlock<T>
    where T : struct, IMatrixElement<T>
{
    private readonly Ptr<T> _x;
    private readonly S32 _xPitch;
    private readonly Ptr<T> _w;
    private readonly S32 _wPitch;
    private readonly S32 _n;
    private readonly int _pieceBytes;

    /// <summary>Declares the parameters and finds the block's tile.</summary>
    /// <param name="k">The kernel.</param>
    /// <param name="epilogue">What is fused.</param>
    /// <param name="rows">Rows of a tile.</param>
    /// <param name="columns">Columns of a tile.</param>
    /// <param name="hasParts">Whether K is cut into parts.</param>
    /// <param name="pieceBytes">Bytes of one asynchronous copy.</param>
    public ProductBlock(
        KernelBuilder k, GpuEpilogue epilogue, int rows, int columns, bool hasParts, int pieceBytes = 16)
    {
        _pieceBytes = pieceBytes;
        _x = k.Input<T>("x", pieceBytes);
        _xPitch = k.Scalar<S64>("x_pitch").ToS32();
        _w = k.Input<T>("w", pieceBytes);
        _wPitch = k.Scalar<S64>("w_pitch").ToS32();
        M = k.Scalar<S32>("m");
        _n = k.Scalar<S32>("n");
        var inner = k.Scalar<S32>("k");
        var partLength = hasParts ? k.Scalar<S32>("part_length") : inner;
        Epilogue = new GpuEpilogueCode(k, epilogue, _n);

        (Row, Column) = TileOrder.Origin(M, _n, rows, columns);
        First = hasParts ? BlockIdx.Y * partLength : 0;
        Last = hasParts ? Min(inner, First + partLength) : inner;
        if (hasParts) Epilogue.Shift(Isa.MulWide(BlockIdx.Y, M) * _n.ToS64());
    }

    /// <summary>Rows of the result.</summary>
    public S32 M { get; }

    /// <summary>First row of the tile.</summary>
    public S32 Row { get; }

    /// <summary>First column of the tile.</summary>
    public S32 Column { get; }

    /// <summary>First inner element of the block's part.</summary>
    public S32 First { get; }

    /// <summary>Behind its last.</summary>
    public S32 Last { get; }

    /// <summary>What comes behind a sum.</summary>
    public GpuEpilogueCode Epilogue { get; }

    /// <summary>Copies of the tile's rows of x.</summary>
    public TileCopy<T> CopyX(SharedTile<T> tile) =>
        tile.CopyFrom(_x + Isa.MulWide(Row, _xPitch), _xPitch, M - Row, pieceBytes: _pieceBytes);

    /// <summary>Copies of the tile's rows of w, in the order in which a lane ends with 4 neighbouring columns.</summary>
    public TileCopy<T> CopyW(SharedTile<T> tile) =>
        tile.CopyFrom(_w + Isa.MulWide(Column, _wPitch), _wPitch, _n - Column, RowOrder.Quads, _pieceBytes);

    /// <summary>Stores sums of the tile's rows from <paramref name="row"/> and columns from
    /// <paramref name="column"/> on.</summary>
    public void Store(Accumulator sums, S32 row, S32 column) => sums.ForEachQuad((dr, dc, four) =>
        If(row + dr < M, () => Epilogue.Store(row + dr, column + dc, four)));

    /// <summary>What both promise about their launches.</summary>
    /// <param name="epilogue">What is fused.</param>
    /// <param name="hasParts">Whether K is cut into parts.</param>
    /// <param name="blocks">Tiles of [m, n] results.</param>
    public static KernelFacts Facts(GpuEpilogue epilogue, bool hasParts, Func<long, long, long> blocks) => new()
    {
        Purpose = hasParts ? "parts of x · w^T" : "y = epilogue(x · w^T)",
        Grid = size => new GridShape(blocks(size["m"], size["n"]), hasParts ? size["parts"] : 1),
        Flops = size => 2 * size["m"] * size["n"] * size["k"],
        Bytes = size => 2 * (size["m"] + size["n"]) * size["k"]
            + (hasParts ? size["parts"] : 1) * epilogue.Bytes(size["m"], size["n"]),
    };
}
