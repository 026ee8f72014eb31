using FlamingoGpu.Runtime;

namespace FlamingoGpu.Graph;

/// <summary>The memory behind one or more <see cref="Value"/>s.</summary>
internal sealed class Storage(StorageKind kind, long byteLength)
{
    /// <summary>Where the bytes live.</summary>
    public StorageKind Kind { get; } = kind;

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; } = byteLength;

    /// <summary>The constant, for <see cref="StorageKind.Weight"/>.</summary>
    public Weight? Weight { get; init; }

    /// <summary>The fixed place, for <see cref="StorageKind.State"/>, or of an output bound to a state.</summary>
    public DevicePlace State { get; set; }

    /// <summary>True when the result goes to <see cref="State"/> instead of the arena.</summary>
    public bool IsBoundToState { get; set; }

    /// <summary>Kept to the end of the run: an output, a probe or an input.</summary>
    public bool IsKept { get; set; }

    /// <summary>The storage this one lives in because its producer works in place, or null.</summary>
    public Storage? SharedWith { get; set; }

    /// <summary>Index of the node that writes it first; -1 for inputs.</summary>
    public int FirstNode { get; set; } = -1;

    /// <summary>Index of the last node that touches it.</summary>
    public int LastNode { get; set; } = -1;

    /// <summary>Byte offset in the arena, set by the planner.</summary>
    public long ArenaOffset { get; set; } = -1;

    /// <summary>Follows in-place sharing to the storage that owns the memory.</summary>
    public Storage Owner => SharedWith is null ? this : SharedWith.Owner;
}
