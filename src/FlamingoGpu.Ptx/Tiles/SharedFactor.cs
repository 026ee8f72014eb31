using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A factor of warpgroup products that stays in shared memory: makes the descriptors by which <c>wgmma</c> finds parts
/// of a <see cref="SharedTile{T}"/>. Its panels are the swizzled layouts of the hardware, so nothing is rearranged.
/// PTX ISA, "Asynchronous Warpgroup Level Matrix Shared Memory Layout".
/// </summary>
/// <typeparam name="T">Type of the elements, 16 bits.</typeparam>
public sealed class SharedFactor<T>
    where T : struct, IMatrixElement<T>
{
    private const int GroupRows = 8;

    private readonly SharedTile<T> _tile;
    private readonly (TilePanel Panel, U32 Address)[] _starts;

    internal SharedFactor(SharedTile<T> tile, S32 row)
    {
        _tile = tile;
        _starts = [.. tile.Panels.Where(panel => panel.Swizzle.RowBytes >= 32)
            .Select(panel => (panel, tile.RowAddress(panel, row)))];
    }

    /// <summary>
    /// Describes rows of the tile as rows (left factor) or columns (right factor) of the product; 16 of the tile's
    /// columns are its inner axis.
    /// </summary>
    /// <param name="row">Rows below the first, a multiple of 8.</param>
    /// <param name="column">First column, a multiple of 16.</param>
    /// <param name="stage">Which stage of the tile.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public U64 Rows(int row, int column, Stage stage,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(SharedFactor<T>), line, file);
        var (panel, start) = At(row, column);
        var bytes = row * panel.Swizzle.RowBytes + (column - panel.FirstColumn) * T.Type.Size;
        return Descriptor(start + stage.Offset, bytes, panel.Swizzle, leadingBytes: 0);
    }

    /// <summary>
    /// Describes 16 rows of the tile as the inner axis and its columns as columns of the product (p·V): all columns of a
    /// panel, or of several panels of equal width.
    /// </summary>
    /// <inheritdoc cref="Rows"/>
    public U64 Columns(int row, int column, Stage stage,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(SharedFactor<T>), line, file);
        var (panel, start) = At(row, column);
        if (column != panel.FirstColumn) Emitter.Current.Fail($"column {column} is not the first of a panel.");
        return Descriptor(
            start + stage.Offset, row * panel.Swizzle.RowBytes, panel.Swizzle,
            leadingBytes: _tile.Rows * panel.Swizzle.RowBytes);
    }

    private (TilePanel Panel, U32 Start) At(int row, int column)
    {
        var panel = _tile.PanelOf(column);
        if (row % GroupRows != 0 || (column - panel.FirstColumn) % 16 != 0 || panel.Swizzle.RowBytes < 32)
            Emitter.Current.Fail(
                $"no factor starts at row {row}, column {column}: rows go by 8, columns by 16 in panels of 16 or more.");
        return _starts.First(start => start.Panel == panel);
    }

    /// <summary>Fields of 14 bits in units of 16 bytes: start, leading and stride offset; the swizzle on top.</summary>
    private static U64 Descriptor(U32 address, int bytes, Swizzle swizzle, int leadingBytes)
    {
        var start = ((address & 0x3FFFFu) >> 4) + (uint)(bytes / 16);
        var mode = swizzle.RowBytes switch { 128 => 1u, 64 => 2u, _ => 3u };
        var low = start | ((uint)Math.Max(1, leadingBytes / 16) << 16);
        var high = (uint)(GroupRows * swizzle.RowBytes / 16) | (mode << 30);
        return Isa.MovB64Pack(new B32(low.Operand), high);
    }
}
