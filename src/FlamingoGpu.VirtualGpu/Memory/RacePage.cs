namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>
/// Who last wrote and read each cell of 16 KiB of global memory. A record is launch (11 bits), block (20), warp (5),
/// lane (5), clock of the warp (21) and two flags; records of other launches are history and mean nothing.
/// </summary>
internal sealed unsafe class RacePage : IDisposable
{
    public const int ByteShift = 14;

    private readonly NativeBytes _records;

    public RacePage(int cellShift)
    {
        CellShift = cellShift;
        var cells = 1 << (ByteShift - cellShift);
        _records = new NativeBytes(cells * 2L * sizeof(ulong));
        Writes = (ulong*)_records.Pointer;
        Reads = Writes + cells;
    }

    /// <summary>Bytes of a cell as a power of two: the narrowest access of the kernel, at most 4 bytes.</summary>
    public int CellShift { get; }

    public ulong* Writes { get; }

    public ulong* Reads { get; }

    public void Dispose() => _records.Dispose();
}
