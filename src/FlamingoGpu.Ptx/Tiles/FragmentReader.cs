using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Reads matrix fragments from a shared tile by <c>ldmatrix</c>. The lane's address is computed once; stepping along
/// columns is one exclusive or, stepping along rows is free.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public sealed class FragmentReader<T>
    where T : struct, IDeviceValue<T>
{
    private readonly SharedTile<T> _tile;
    private readonly (TilePanel Panel, U32 Address)[] _lanes;
    private readonly bool _isTransposed;

    internal FragmentReader(SharedTile<T> tile, S32 laneRow, S32 laneChunk, bool transposed)
    {
        _tile = tile;
        _isTransposed = transposed;
        // A panel of one chunk is too narrow for the two chunks a fragment spans.
        _lanes = [.. tile.Panels.Where(panel => panel.Swizzle.RowBytes >= 32)
            .Select(panel => (panel, tile.Address(panel, laneRow, laneChunk).Address()))];
    }

    /// <summary>
    /// Four registers: of a left factor one 16-row fragment; of a right factor two 8-column fragments, one after the
    /// other.
    /// </summary>
    /// <param name="row">Rows below the reader's first row, a multiple of 8.</param>
    /// <param name="column">First column, a multiple of the elements in 32 bytes.</param>
    /// <param name="stage">Which stage of the tile.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public Frag<T> Load(int row, int column, Stage stage,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(FragmentReader<T>), line, file);
        var panel = _tile.PanelOf(column);
        var chunk = (column - panel.FirstColumn) / SharedTile<T>.ElementsPerChunk;
        if (row % 8 != 0 || chunk % 2 != 0 || panel.Swizzle.RowBytes < 32)
            Emitter.Current.Fail(
                $"no fragment starts at row {row}, column {column}: rows go by 8, columns by 32 bytes.");
        var lane = _lanes.First(candidate => candidate.Panel == panel).Address + stage.Offset;
        // Chunk numbers are even and the lane's own part is 0 or 1, so adding is exclusive or, which the swizzle keeps.
        var address = chunk == 0 ? lane : lane ^ (uint)(chunk * 16);
        var at = Shared<T>.From(address).StepBytes((long)row * panel.Swizzle.RowBytes);
        return new Frag<T>(Isa.LdmatrixM8N8(at, 4, _isTransposed));
    }
}
