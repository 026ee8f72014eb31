using FlamingoGpu.Core;

namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>
/// The device's address space. Every allocation starts on a granule of its own with an unused granule behind it, and
/// addresses are never handed out twice, so that a wild or stale address cannot fall into another allocation.
/// </summary>
internal sealed class DeviceHeap(long capacity) : IDisposable
{
    /// <summary>Generic addresses from here on mean the block's own shared memory.</summary>
    public const ulong SharedWindow = 0x0100_0000_0000_0000;

    private const ulong Base = 0x7_0000_0000;
    private const int GranuleShift = 16;

    private readonly List<Allocation?> _byGranule = [];
    private readonly HashSet<Allocation> _allocations = [];

    public long Used { get; private set; }

    public long Capacity => capacity;

    public IReadOnlyCollection<Allocation> Allocations => _allocations;

    public Allocation Add(long length, string purpose, bool isReadOnly = false)
    {
        Reserve(length, purpose);
        var allocation = Allocation.Fresh(NextStart(), length, purpose, isReadOnly);
        Register(allocation);
        return allocation;
    }

    public Allocation AddHost(nint host, long length, string purpose)
    {
        Reserve(length, purpose);
        var allocation = Allocation.OfHost(NextStart(), length, host, purpose);
        Register(allocation);
        return allocation;
    }

    public void Remove(Allocation allocation)
    {
        var granules = (allocation.Length >> GranuleShift) + 1;
        for (long i = 0; i < granules; i++) _byGranule[Granule(allocation.Start) + (int)i] = null;
        _allocations.Remove(allocation);
        Used -= allocation.Length;
        allocation.Dispose();
    }

    /// <summary>The allocation an address falls into or shortly behind, or null.</summary>
    public Allocation? Find(ulong address)
    {
        var granule = (address - Base) >> GranuleShift;
        return granule < (ulong)_byGranule.Count ? _byGranule[(int)granule] : null;
    }

    /// <summary>An address as its allocation and the offset in it, or null.</summary>
    public string? Describe(ulong address) => Find(address) is { } allocation
        ? $"'{allocation.Purpose}' + {(long)(address - allocation.Start)}"
        : null;

    /// <summary>The allocation that holds all of a range.</summary>
    /// <exception cref="InvalidRequestException">No allocation does.</exception>
    public Allocation Require(ulong address, long length)
    {
        if (Find(address) is { } found && length >= 0 && address >= found.Start
            && address - found.Start <= (ulong)(found.Length - Math.Min(length, found.Length))
                && length <= found.Length)
        {
            return found;
        }

        throw new InvalidRequestException($"virtual device: {length} bytes at 0x{address:x} lie in no allocation.");
    }

    public void Dispose()
    {
        foreach (var allocation in Allocations) allocation.Dispose();
        _allocations.Clear();
        _byGranule.Clear();
    }

    private static int Granule(ulong address) => (int)((address - Base) >> GranuleShift);

    private ulong NextStart() => Base + ((ulong)_byGranule.Count << GranuleShift);

    private void Reserve(long length, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > capacity - Used)
        {
            throw new DeviceException(
                $"virtual device: {purpose} needs {length} bytes, {capacity - Used} of {capacity} are free.");
        }

        Used += length;
    }

    private void Register(Allocation allocation)
    {
        _allocations.Add(allocation);
        var granules = (allocation.Length >> GranuleShift) + 1;
        for (long i = 0; i < granules; i++) _byGranule.Add(allocation);
        _byGranule.Add(null);
    }
}
