using System.Runtime.InteropServices;

namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>
/// A block of device memory: its bytes, one shadow byte for each (1 = never written), and the race records of the pages
/// a kernel touched. Memory that belongs to the host (mapped weights) has no shadow: all of it counts as written.
/// </summary>
internal sealed unsafe class Allocation : IDisposable
{
    /// <summary>Never-written memory reads as this, a NaN in every float format.</summary>
    public const byte PoisonByte = 0xFF;

    /// <summary>Most workers of one launch.</summary>
    public const int WorkerLimit = 16;

    private ChainWrites? _chainWrites;
    private readonly NativeBytes? _bytes;
    private readonly NativeBytes? _shadow;

    /// <summary>Race records of each worker that came here.</summary>
    private readonly RacePage?[]?[] _races = new RacePage?[]?[WorkerLimit];

    private Allocation(ulong start, long length, byte* data, NativeBytes? bytes, NativeBytes? shadow, string purpose)
    {
        Start = start;
        Length = length;
        Data = data;
        _bytes = bytes;
        _shadow = shadow;
        Shadow = shadow is null ? null : shadow.Pointer;
        Purpose = purpose;
    }

    public ulong Start { get; }

    public long Length { get; }

    public byte* Data { get; }

    public byte* Shadow { get; }

    public string Purpose { get; }

    /// <summary>True for constants of a module: kernels must not write them.</summary>
    public bool IsReadOnly { get; init; }

    public bool IsHostMemory => _bytes is null;

    public static Allocation Fresh(ulong start, long length, string purpose, bool isReadOnly)
    {
        var bytes = new NativeBytes(length);
        var shadow = new NativeBytes(length);
        bytes.Fill(PoisonByte);
        shadow.Fill(1);
        return new Allocation(start, length, bytes.Pointer, bytes, shadow, purpose) { IsReadOnly = isReadOnly };
    }

    public static Allocation OfHost(ulong start, long length, nint host, string purpose) =>
        new(start, length, (byte*)host, null, null, purpose) { IsReadOnly = true };

    /// <summary>What launches wrote that later ones must wait for.</summary>
    public ChainWrites ChainWrites =>
        _chainWrites ?? Interlocked.CompareExchange(ref _chainWrites, new(Length), null) ?? _chainWrites;

    public void MarkWritten(long offset, long length)
    {
        if (Shadow != null) NativeMemory.Clear(Shadow + offset, (nuint)length);
    }

    /// <summary>The race records of one worker; only that worker may ask while a launch runs.</summary>
    public RacePage?[] PagesOf(int worker) => _races[worker] ??= new RacePage?[(Length >> RacePage.ByteShift) + 1];

    /// <summary>A page of a worker's race records, null when it never came there.</summary>
    public RacePage? PageOf(int worker, int page) => _races[worker]?[page];

    /// <summary>Forgets who accessed what.</summary>
    public void ClearRaces()
    {
        foreach (var page in _races.OfType<RacePage?[]>().SelectMany(pages => pages)) page?.Dispose();
        Array.Clear(_races);
    }

    public void Dispose()
    {
        ClearRaces();
        _bytes?.Dispose();
        _shadow?.Dispose();
    }
}
