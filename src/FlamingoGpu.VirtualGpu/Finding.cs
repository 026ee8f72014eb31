namespace FlamingoGpu.VirtualGpu;

/// <summary>One mistake of a kernel, as first seen; later ones of the same kind at the same instruction are
/// counted.</summary>
/// <param name="Kind">The check that complains.</param>
/// <param name="Kernel">Entry name.</param>
/// <param name="Line">Line in the PTX text.</param>
/// <param name="Source">C# place of the instruction, or null.</param>
/// <param name="Instruction">The instruction's form.</param>
/// <param name="Block">Linear index of the block, x fastest.</param>
/// <param name="Warp">Warp within the block.</param>
/// <param name="Lane">Thread within the warp, or -1 for the whole warp.</param>
/// <param name="Address">Device address, or offset in shared memory; 0 when there is none.</param>
/// <param name="Message">What happened, and which other access is concerned.</param>
public sealed record Finding(
    FindingKind Kind,
    string Kernel,
    int Line,
    string? Source,
    string Instruction,
    int Block,
    int Warp,
    int Lane,
    ulong Address,
    string Message)
{
    /// <summary>How often it was seen.</summary>
    public long Count { get; internal set; } = 1;

    /// <summary>The allocation the address lies in, or shortly behind, and the offset in it; null when there is none,
    /// and for shared memory.</summary>
    public string? Place { get; init; }

    /// <summary>All of it in one line.</summary>
    public override string ToString() =>
        $"{Kind}: {Kernel}, {Source ?? "no source"}, PTX line {Line} {Instruction}, block {Block} warp {Warp}"
        + $"{(Lane < 0 ? "" : $" lane {Lane}")}{(Address == 0 ? "" : $" address 0x{Address:x}")}"
        + $"{(Place is null ? "" : $" ({Place})")}: {Message}"
        + (Count > 1 ? $" ({Count} times)" : "");
}
