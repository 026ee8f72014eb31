namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>What one instruction did during one run; the fields are those of
/// <see cref="InstructionCounters"/>.</summary>
internal struct OpCounts
{
    public long WarpExecutions;
    public long LaneExecutions;
    public long GlobalBytes;
    public long SharedBytes;
    public long Sectors;
    public long IdealSectors;
    public long Wavefronts;
    public long IdealWavefronts;

    public readonly OpCounts Plus(in OpCounts other) => new()
    {
        WarpExecutions = WarpExecutions + other.WarpExecutions,
        LaneExecutions = LaneExecutions + other.LaneExecutions,
        GlobalBytes = GlobalBytes + other.GlobalBytes,
        SharedBytes = SharedBytes + other.SharedBytes,
        Sectors = Sectors + other.Sectors,
        IdealSectors = IdealSectors + other.IdealSectors,
        Wavefronts = Wavefronts + other.Wavefronts,
        IdealWavefronts = IdealWavefronts + other.IdealWavefronts,
    };

    public readonly InstructionCounters Of(Op op) =>
        new(op.Instruction.Line, op.Instruction.Source, op.Instruction.Form)
        {
            WarpExecutions = WarpExecutions,
            LaneExecutions = LaneExecutions,
            GlobalBytes = GlobalBytes,
            SharedBytes = SharedBytes,
            GlobalSectors = Sectors,
            IdealGlobalSectors = IdealSectors,
            SharedWavefronts = Wavefronts,
            IdealSharedWavefronts = IdealWavefronts,
        };
}
