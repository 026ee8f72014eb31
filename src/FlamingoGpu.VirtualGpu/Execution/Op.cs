using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>One instruction in executable form. Holds nothing that a run changes.</summary>
internal abstract class Op
{
    public PtxInstruction Instruction { get; private set; } = null!;

    /// <summary>Place in the kernel's text, counted in instructions.</summary>
    public int Index { get; private set; }

    public bool IsGuarded { get; private set; }

    /// <summary>Slot of the guard predicate, when there is one.</summary>
    public Slot Guard { get; private set; }

    public bool IsGuardNegated { get; private set; }

    /// <summary>Registers of warpgroup products that this, which is none, reads or writes; null for none.</summary>
    public int[]? MatrixRegisters { get; private set; }

    /// <summary>Executes for the lanes of <paramref name="mask"/>, which is never empty.</summary>
    public abstract void Run(Warp warp, uint mask);

    /// <summary>Called when a warp that stood at a barrier goes on.</summary>
    public virtual void Resume(Warp warp)
    {
    }

    /// <summary>Says which instruction this is; called once, by the compiler.</summary>
    public void Attach(PtxInstruction instruction, int index, Slot? guard, int[]? matrixRegisters)
    {
        MatrixRegisters = matrixRegisters;
        Instruction = instruction;
        Index = index;
        IsGuarded = guard is not null;
        Guard = guard ?? default;
        IsGuardNegated = instruction.GuardNegated;
    }
}
