using FlamingoGpu.VirtualGpu.Memory;

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

    /// <summary>The allocation all global requests fell into; null for none so far, or several.</summary>
    public Allocation? Memory;

    /// <summary>True when global requests fell into several allocations.</summary>
    public bool IsSpread;

    /// <summary>Notes where a request of one warp went.</summary>
    public void Went(Allocation? memory)
    {
        IsSpread |= memory is null || (Memory is not null && Memory != memory);
        Memory = IsSpread ? null : memory;
    }

    public readonly OpCounts Plus(in OpCounts other)
    {
        var sum = this;
        sum.WarpExecutions += other.WarpExecutions;
        sum.LaneExecutions += other.LaneExecutions;
        sum.GlobalBytes += other.GlobalBytes;
        sum.SharedBytes += other.SharedBytes;
        sum.Sectors += other.Sectors;
        sum.IdealSectors += other.IdealSectors;
        sum.Wavefronts += other.Wavefronts;
        sum.IdealWavefronts += other.IdealWavefronts;
        if (other.IsSpread || other.Memory is not null) sum.Went(other.Memory);
        return sum;
    }

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
            AllocationAddress = Memory?.Start ?? 0,
            AllocationBytes = Memory?.Length ?? 0,
        };
}
