namespace FlamingoGpu.VirtualGpu;

/// <summary>What one instruction did during a launch. Counted, never timed.</summary>
/// <param name="Line">Line in the PTX text.</param>
/// <param name="Source">C# place, or null.</param>
/// <param name="Form">Opcode and modifiers.</param>
public sealed record InstructionCounters(int Line, string? Source, string Form)
{
    /// <summary>Times a warp executed it with at least one thread.</summary>
    public long WarpExecutions { get; init; }

    /// <summary>Threads summed over those times.</summary>
    public long LaneExecutions { get; init; }

    /// <summary>Bytes its threads asked for, in whatever memory.</summary>
    public long Bytes => GlobalBytes + SharedBytes;

    /// <summary>Bytes of global memory its threads asked for; an atomic counts once.</summary>
    public long GlobalBytes { get; init; }

    /// <summary>Bytes of shared memory its threads asked for.</summary>
    public long SharedBytes { get; init; }

    /// <summary>32-byte sectors of global memory its requests touched.</summary>
    public long GlobalSectors { get; init; }

    /// <summary>Sectors the distinct bytes would fill if they lay together.</summary>
    public long IdealGlobalSectors { get; init; }

    /// <summary>Passes over the 32 banks of shared memory.</summary>
    public long SharedWavefronts { get; init; }

    /// <summary>Passes without any bank conflict.</summary>
    public long IdealSharedWavefronts { get; init; }

    /// <summary>Start of the allocation that all its requests to global memory fell into; 0 for none or several.</summary>
    public ulong AllocationAddress { get; init; }

    /// <summary>Size of that allocation; 0 for none or several.</summary>
    public long AllocationBytes { get; init; }
}
