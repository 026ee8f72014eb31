using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Copies global rows into a shared tile with <c>cp.async</c>, all threads of the block together, a piece of 16 or 8
/// bytes each at a time. Addresses and row checks are computed once; starting a copy adds only the column.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public sealed class TileCopy<T>
    where T : struct, IDeviceValue<T>
{
    private readonly SharedTile<T> _tile;
    private readonly S32 _stride;
    private readonly S32 _rows;
    private readonly int _pieceBytes;
    private readonly Panel[] _panels;

    internal TileCopy(SharedTile<T> tile, Ptr<T> source, S32 stride, S32 rows, RowOrder order, int pieceBytes)
    {
        if (pieceBytes is not (16 or 8)) Emitter.Current.Fail($"rows are copied in 16 or 8 bytes, not {pieceBytes}.");
        _pieceBytes = pieceBytes;
        _tile = tile;
        _stride = stride;
        _rows = rows;
        _panels = [.. tile.Panels.Select(panel => Prepare(panel, source, stride, rows, order))];
    }

    private static int ElementBytes => T.Type.Size;

    /// <summary>Starts the copy of the tile's columns beginning at <paramref name="column"/> of the rows.</summary>
    /// <param name="stage">Which stage of the tile to fill.</param>
    /// <param name="column">First column, in elements; a multiple of a piece.</param>
    /// <param name="columns">How many columns the rows have; what lies beyond becomes zeros. Null: all of them
    /// exist.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void Start(Stage stage, S32 column, S32? columns = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(TileCopy<T>), line, file);
        foreach (var panel in _panels)
        {
            var destination = Shared<T>.From(panel.Destination + stage.Offset);
            S32? left = columns is { } width ? (width - (panel.Column + column)) * ElementBytes : null;
            // A chunk past the last column reads nothing; its address stays inside the row all the same.
            var from = left is { } rest ? DeviceCode.Select(rest > 0, column, 0) : column;
            foreach (var pass in panel.Passes)
            {
                var bytes = left is { } most ? DeviceCode.Min(pass.Bytes, DeviceCode.Max(most, 0)) : pass.Bytes;
                Copy(pass, destination, pass.Source + from, bytes);
            }
        }
    }

    /// <summary>
    /// Starts the copy of the tile's rows beginning at <paramref name="row"/>; rows that do not exist become zeros.
    /// </summary>
    /// <param name="stage">Which stage of the tile to fill.</param>
    /// <param name="row">First row, counted from the source pointer.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void StartAtRow(Stage stage, S32 row,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(TileCopy<T>), line, file);
        foreach (var panel in _panels)
        {
            var destination = Shared<T>.From(panel.Destination + stage.Offset);
            foreach (var pass in panel.Passes)
            {
                // A row that does not exist takes the address of the first, and reads nothing from it. Addresses are
                // made anew for every copy: one multiply-add each, where keeping them would take two registers each.
                var exists = pass.Row + row < _rows;
                var source = panel.Source + Isa.MulWide(DeviceCode.Select(exists, pass.Row + row, 0), _stride);
                Copy(pass, destination, source, DeviceCode.Select(exists, _pieceBytes, (S32)0));
            }
        }
    }

    private void Copy(Pass pass, Shared<T> destination, Ptr<T> source, S32 bytes)
    {
        var to = destination.StepBytes(pass.Offset);
        if (pass.IsInTile is { } isInTile) DeviceCode.When(isInTile, () => CopyPiece(to, source, bytes));
        else CopyPiece(to, source, bytes);
    }

    /// <summary>Only pieces of 16 bytes can pass by the first-level cache.</summary>
    private void CopyPiece(Shared<T> to, Ptr<T> source, S32 bytes)
    {
        if (_pieceBytes == 16) Isa.CpAsyncCg16(to, source, bytes);
        else Isa.CpAsyncCa(to, source, _pieceBytes, bytes);
    }

    private Panel Prepare(TilePanel panel, Ptr<T> source, S32 stride, S32 rows, RowOrder order)
    {
        var threads = BlockDim.Threads;
        var piecesPerRow = panel.Swizzle.RowBytes / _pieceBytes;
        var rowsPerPass = threads / piecesPerRow;
        if (threads != BlockDim.X || threads % (piecesPerRow * 8) != 0)
            Emitter.Current.Fail(
                $"{threads} threads along x cannot copy rows of {piecesPerRow} pieces, 8 rows at a time.");
        if (order == RowOrder.Quads && (rowsPerPass != 8 && rowsPerPass % 16 != 0 || _tile.Rows % 16 != 0))
            Emitter.Current.Fail(
                $"quads need 8 or 16 rows at a time; {threads} threads copy {rowsPerPass} of {_tile.Rows}.");
        var tileRow = ThreadIdx.X >> int.Log2(piecesPerRow);
        var piece = ThreadIdx.X & (piecesPerRow - 1);
        var sourceRow = order == RowOrder.Quads ? QuadRow(tileRow) : tileRow;
        var column = piece * (_pieceBytes / ElementBytes) + panel.FirstColumn;
        var firstRowPiece = source + column;
        var passes = new List<Pass>();
        for (var first = 0; first < _tile.Rows; first += rowsPerPass)
        {
            var row = sourceRow + (order == RowOrder.Quads ? QuadStep(first) : first);
            var exists = row < rows;
            var from = firstRowPiece + Isa.MulWide(DeviceCode.Select(exists, row, 0), stride);
            Pred? isInTile = first + rowsPerPass <= _tile.Rows ? null : row < _tile.Rows;
            // Rows of later passes differ by a multiple of 8, which leaves the swizzle as it is.
            passes.Add(new Pass(
                row, first * panel.Swizzle.RowBytes, from, DeviceCode.Select(exists, _pieceBytes, (S32)0), isInTile));
        }

        return new Panel(PieceAddress(panel, tileRow, piece), column, firstRowPiece, passes);
    }

    /// <summary>Where a piece stands in the tile: chunks of 16 bytes are swizzled, halves stay together.</summary>
    private U32 PieceAddress(TilePanel panel, S32 row, S32 piece)
    {
        if (_pieceBytes == 16) return _tile.Address(panel, row, piece).Address();
        return _tile.Address(panel, row, piece >> 1).Address() + ((piece & 1) << 3).AsU32();
    }

    /// <summary>Source row of a tile row: bits (j, t₁, t₀, e) of the tile row become (t₁, t₀, j, e).</summary>
    private static S32 QuadRow(S32 row) => (row & ~15) | ((row & 6) << 1) | ((row >> 2) & 2) | (row & 1);

    /// <summary>How far the source row goes on when the tile row, below 8 or a step of 16s, goes on by 8s.</summary>
    private static int QuadStep(int rows) => (rows & ~15) | ((rows >> 2) & 2);

    private sealed record Panel(U32 Destination, S32 Column, Ptr<T> Source, List<Pass> Passes);

    private sealed record Pass(S32 Row, int Offset, Ptr<T> Source, S32 Bytes, Pred? IsInTile);
}
