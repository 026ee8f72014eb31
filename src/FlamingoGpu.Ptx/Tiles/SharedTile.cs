using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A matrix in shared memory, row after row, cut into panels of at most 128 bytes a row and swizzled, so that both
/// filling
/// it in 16-byte chunks and reading fragments by <c>ldmatrix</c> are free of bank conflicts. Widths need no padding: 80
/// columns of 16 bits are a panel of 64 and one of 16.
/// </summary>
/// <typeparam name="T">Type of the elements: 8 or 16 bits for matrix fragments, any for own use.</typeparam>
public sealed class SharedTile<T>
    where T : struct, IDeviceValue<T>
{
    private readonly Shared<T> _start;
    private readonly TilePanel[] _panels;

    internal SharedTile(Emitter emitter, int rows, int columns)
    {
        var rowBytes = columns * T.Type.Size;
        if (rows < 8 || rows % 8 != 0 || rowBytes < 16 || rowBytes % 16 != 0)
            emitter.Fail($"a shared tile of {rows}×{columns} {T.Type.Name}: rows come in 8s, columns in 16 bytes.");
        Rows = rows;
        Columns = columns;
        Bytes = checked(rows * rowBytes);
        var panels = new List<TilePanel>();
        for (var column = 0; column < columns;)
        {
            var bytes = 128;
            while (bytes > (columns - column) * T.Type.Size) bytes /= 2;
            panels.Add(new TilePanel(column, bytes / T.Type.Size, column * T.Type.Size * rows, new Swizzle(bytes)));
            column += bytes / T.Type.Size;
        }

        _panels = [.. panels];
        // Wide panels come first, so each starts on a multiple of its own swizzle atom when the tile starts on 1024.
        var offset = emitter.Shared.Carve(Bytes, 1024);
        _start = new Shared<T>(Operand.Named(SharedLayout.DynamicName), offset);
        Offset = offset;
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns, in elements.</summary>
    public int Columns { get; }

    /// <summary>Bytes of one stage.</summary>
    public int Bytes { get; }

    /// <summary>Columns of each panel, in order.</summary>
    public IEnumerable<int> PanelColumns => _panels.Select(panel => panel.Columns);

    internal int Offset { get; }

    internal IReadOnlyList<TilePanel> Panels => _panels;

    internal static int ElementsPerChunk => 16 / T.Type.Size;

    /// <summary>Where the 16 bytes stand that begin at a row and a constant column.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">A multiple of the elements in 16 bytes.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public Shared<T> Chunk(S32 row, int column,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(SharedTile<T>), line, file);
        var panel = PanelOf(column);
        return Address(panel, row, (column - panel.FirstColumn) / ElementsPerChunk);
    }

    /// <summary>A copy of global rows into this tile, its addresses computed once for the whole block.</summary>
    /// <param name="source">Element (0, 0) of the rows to copy.</param>
    /// <param name="stride">Elements from one row to the next; rows start on multiples of a piece.</param>
    /// <param name="rows">How many rows exist; the tile's rows from there on become zeros.</param>
    /// <param name="order">Where a row stands in the tile.</param>
    /// <param name="pieceBytes">Bytes of one copy, 16 or 8: what rows and their lengths are multiples of.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public TileCopy<T> CopyFrom(Ptr<T> source, S32 stride, S32 rows, RowOrder order = RowOrder.Natural,
        int pieceBytes = 16, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(CopyFrom), line, file);
        return new TileCopy<T>(this, source, stride, rows, order, pieceBytes);
    }

    /// <summary>
    /// Reads 16-row fragments for the left factor of a product; the tile's columns are the inner axis.
    /// </summary>
    /// <param name="row">First row of this warp, a multiple of 8.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public FragmentReader<T> LeftFactor(S32 row, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(LeftFactor), line, file);
        // Matrices 0, 1: rows 0-7 and 8-15 of the first 16 bytes; 2, 3: the same rows of the next.
        var lane = DeviceCode.LaneId;
        return new FragmentReader<T>(this, row + (lane & 15), lane >> 4, transposed: false);
    }

    /// <summary>Reads fragments for the right factor from a tile that has one row per result column (x·Wᵀ).</summary>
    /// <inheritdoc cref="LeftFactor"/>
    public FragmentReader<T> RightFactor(S32 row, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(RightFactor), line, file);
        // Matrices 0, 1: the two 16-byte halves of rows 0-7; 2, 3: of rows 8-15.
        var lane = DeviceCode.LaneId;
        return new FragmentReader<T>(this, row + ((lane & 7) + ((lane >> 4) << 3)), (lane >> 3) & 1, transposed: false);
    }

    /// <summary>
    /// Reads fragments for the right factor from a tile whose rows are the inner axis (p·V); 16-bit types.
    /// </summary>
    /// <inheritdoc cref="LeftFactor"/>
    public FragmentReader<T> RightFactorTransposed(S32 row,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(RightFactorTransposed), line, file);
        if (T.Type.Size != 2) Emitter.Current.Fail($"ldmatrix transposes 16-bit elements only, not {T.Type.Name}.");
        var lane = DeviceCode.LaneId;
        return new FragmentReader<T>(this, row + (lane & 15), lane >> 4, transposed: true);
    }

    internal U32 RowAddress(TilePanel panel, S32 row) =>
        _start.StepBytes(panel.Offset).Address() + (row * panel.Swizzle.RowBytes).AsU32();

    internal Shared<T> Address(TilePanel panel, S32 row, S32 chunk) =>
        Shared<T>.From(_start.StepBytes(panel.Offset).Address() + panel.Swizzle.Offset(row, chunk));

    internal TilePanel PanelOf(int column)
    {
        if (column < 0 || column >= Columns || column % ElementsPerChunk != 0)
            Emitter.Current.Fail($"column {column} is no start of a 16-byte chunk of a tile with {Columns} columns.");
        return _panels.Last(panel => panel.FirstColumn <= column);
    }
}
