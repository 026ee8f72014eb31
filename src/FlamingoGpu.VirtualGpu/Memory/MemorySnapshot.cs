namespace FlamingoGpu.VirtualGpu.Memory;

/// <summary>A copy of all memory kernels can write, to run a launch again from the same start or to compare
/// results.</summary>
internal sealed unsafe class MemorySnapshot
{
    private readonly List<(Allocation Allocation, byte[] Data, byte[] Shadow)> _copies = [];

    public MemorySnapshot(DeviceHeap heap)
    {
        foreach (var allocation in heap.Allocations.Where(a => !a.IsReadOnly && a.Length <= Array.MaxLength))
        {
            _copies.Add((allocation, Data(allocation).ToArray(), Shadow(allocation).ToArray()));
        }
    }

    public void Restore()
    {
        foreach (var (allocation, data, shadow) in _copies)
        {
            data.CopyTo(Data(allocation));
            shadow.CopyTo(Shadow(allocation));
        }
    }

    /// <summary>Where memory first differs from the copy, or null.</summary>
    public (ulong Address, long Offset, string Purpose)? FirstDifference()
    {
        foreach (var (allocation, data, shadow) in _copies)
        {
            var same = Data(allocation).CommonPrefixLength(data);
            same = Math.Min(same, Shadow(allocation).CommonPrefixLength(shadow));
            if (same < data.Length) return (allocation.Start + (ulong)same, same, allocation.Purpose);
        }

        return null;
    }

    private static Span<byte> Data(Allocation allocation) => new(allocation.Data, (int)allocation.Length);

    private static Span<byte> Shadow(Allocation allocation) => new(allocation.Shadow, (int)allocation.Length);
}
