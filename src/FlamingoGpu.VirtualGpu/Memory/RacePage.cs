namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>
/// Who last wrote and read each cell of 16 KiB of global memory; see <see cref="Execution.RaceRecord"/>. Cells are as
/// wide as the narrowest access the page has seen in the launch, at most 16 bytes.
/// </summary>
internal sealed unsafe class RacePage : IDisposable
{
    public const int ByteShift = 14;
    private const int WidestCell = 4;

    private NativeBytes _records;
    private int _finest;

    public RacePage() => (_records, _finest) = (Take(WidestCell), WidestCell);

    /// <summary>Bytes of a cell as a power of two.</summary>
    public int CellShift { get; private set; } = WidestCell;

    public ulong* Writes => (ulong*)_records.Pointer;

    public ulong* Reads => Writes + (1 << (ByteShift - CellShift));

    /// <summary>The launch that last came here.</summary>
    public int Launch { get; private set; }

    /// <summary>True when that launch wrote here.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Begins a launch: older records mean nothing, so cells can have any width.</summary>
    public void Begin(int launch, int shift)
    {
        Launch = launch;
        IsWritten = false;
        CellShift = shift;
        if (shift >= _finest) return;
        _records.Dispose();
        (_records, _finest) = (Take(shift), shift);
    }

    /// <summary>Makes cells narrower; each keeps what was known of the wider one.</summary>
    public void Split(int shift)
    {
        var old = CellShift;
        var cells = 1 << (ByteShift - old);
        var held = new ReadOnlySpan<ulong>(_records.Pointer, 2 * cells).ToArray();
        if (shift < _finest)
        {
            _records.Dispose();
            (_records, _finest) = (Take(shift), shift);
        }

        CellShift = shift;
        var factor = 1 << (old - shift);
        for (var i = 0; i < cells; i++)
        {
            new Span<ulong>(Writes + ((long)i * factor), factor).Fill(held[i]);
            new Span<ulong>(Reads + ((long)i * factor), factor).Fill(held[cells + i]);
        }
    }

    public void Dispose() => _records.Dispose();

    private static NativeBytes Take(int shift) => new((1L << (ByteShift - shift)) * 2 * sizeof(ulong));
}
