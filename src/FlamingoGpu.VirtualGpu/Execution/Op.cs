using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>One instruction in executable form, with its counts.</summary>
internal abstract class Op
{
    public PtxInstruction Instruction { get; private set; } = null!;

    /// <summary>Slot of the guard predicate, or null.</summary>
    public Slot? Guard { get; private set; }

    public bool IsGuardNegated { get; private set; }

    public long WarpExecutions { get; set; }

    public long LaneExecutions { get; set; }

    public long Bytes { get; set; }

    public long Sectors { get; set; }

    public long IdealSectors { get; set; }

    public long Wavefronts { get; set; }

    public long IdealWavefronts { get; set; }

    /// <summary>Executes for the lanes of <paramref name="mask"/>, which is never empty.</summary>
    public abstract void Run(Warp warp, uint mask);

    /// <summary>Called when a warp that stood at a barrier goes on.</summary>
    public virtual void Resume(Warp warp)
    {
    }

    /// <summary>Says which instruction this is; called once, by the compiler.</summary>
    public void Attach(PtxInstruction instruction, Slot? guard)
    {
        Instruction = instruction;
        Guard = guard;
        IsGuardNegated = instruction.GuardNegated;
    }

    public void ResetCounts()
    {
        WarpExecutions = 0;
        LaneExecutions = 0;
        Bytes = 0;
        Sectors = 0;
        IdealSectors = 0;
        Wavefronts = 0;
        IdealWavefronts = 0;
    }

    public InstructionCounters Counters() => new(Instruction.Line, Instruction.Source, Instruction.Form)
    {
        WarpExecutions = WarpExecutions,
        LaneExecutions = LaneExecutions,
        Bytes = Bytes,
        GlobalSectors = Sectors,
        IdealGlobalSectors = IdealSectors,
        SharedWavefronts = Wavefronts,
        IdealSharedWavefronts = IdealWavefronts,
    };
}
