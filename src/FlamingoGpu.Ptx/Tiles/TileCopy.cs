using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Copies global rows into a shared tile with <c>cp.async</c>, all threads of the block together, 16 bytes each at a time.
/// Addresses and row checks are computed once; starting a copy adds only the column.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public sealed class TileCopy<T>
    where T : struct, IDeviceValue<T>
{
    private readonly Part[] _parts;

    internal TileCopy(SharedTile<T> tile, Ptr<T> source, S32 stride, S32 rows)
    {
        var parts = new List<Part>();
        var threads = BlockDim.Threads;
        foreach (var panel in tile.Panels)
        {
            var chunksPerRow = panel.Swizzle.RowBytes / 16;
            var rowsPerPass = threads / chunksPerRow;
            if (threads != BlockDim.X || threads % (chunksPerRow * 8) != 0)
                Emitter.Current.Fail($"a block of {BlockDim.X}×{BlockDim.Y}×{BlockDim.Z} threads cannot copy rows of {chunksPerRow} chunks in passes of whole 8s.");
            var firstRow = ThreadIdx.X >> int.Log2(chunksPerRow);
            var chunk = ThreadIdx.X & (chunksPerRow - 1);
            var column = chunk * SharedTile<T>.ElementsPerChunk + panel.FirstColumn;
            var destination = tile.Address(panel, firstRow, chunk);
            for (var pass = 0; pass * rowsPerPass < tile.Rows; pass++)
            {
                // Rows of later passes differ by a multiple of 8, which leaves the swizzle as it is.
                var row = firstRow + pass * rowsPerPass;
                var exists = row < rows;
                var from = source + (Isa.MulWide(DeviceCode.Select(exists, row, 0), stride) + column.ToS64());
                var isWhole = (pass + 1) * rowsPerPass <= tile.Rows;
                parts.Add(new Part(
                    destination.StepBytes((long)pass * rowsPerPass * panel.Swizzle.RowBytes), from, column,
                    DeviceCode.Select(exists, 16, (S32)0),
                    isWhole ? null : row < tile.Rows));
            }
        }

        _parts = [.. parts];
    }

    /// <summary>Starts the copy of the tile's columns beginning at <paramref name="column"/> of the rows.</summary>
    /// <param name="stage">Which stage of the tile to fill.</param>
    /// <param name="column">First column, in elements; a multiple of 16 bytes.</param>
    /// <param name="columns">How many columns the rows have; what lies beyond becomes zeros. Null: all of them exist.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void Start(Stage stage, S32 column, S32? columns = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        using var noun = Emitter.Noun(nameof(TileCopy<T>), line, file);
        foreach (var part in _parts)
        {
            var bytes = part.Bytes;
            var source = part.Source + column;
            if (columns is { } width)
            {
                var left = (width - (part.Column + column)) * SizeOfElement;
                bytes = DeviceCode.Min(bytes, DeviceCode.Max(left, 0));
                source = part.Source + DeviceCode.Select(left > 0, column, 0);
            }

            var destination = Shared<T>.From(part.Destination.Address() + stage.Offset);
            if (part.IsInTile is { } isInTile)
                DeviceCode.When(isInTile, () => Isa.CpAsyncCg16(destination, source, bytes));
            else
                Isa.CpAsyncCg16(destination, source, bytes);
        }
    }

    private static int SizeOfElement => T.Type.Size;

    private sealed record Part(Shared<T> Destination, Ptr<T> Source, S32 Column, S32 Bytes, Pred? IsInTile);
}
