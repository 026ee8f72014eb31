using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>A compiled kernel: its operations, and how a warp's register file is laid out.</summary>
internal sealed class Program
{
    public required PtxEntry Kernel { get; init; }

    public required Op[] Ops { get; init; }

    /// <summary>Size of a warp's register file in 4-byte units.</summary>
    public required int RegisterUnits { get; init; }

    public required int ShadowCount { get; init; }

    /// <summary>Literals: slot, bits, and whether a lane has 8 bytes; a predicate literal has 0.</summary>
    public required IReadOnlyList<(Slot Slot, ulong Bits, int LaneBytes)> Literals { get; init; }

    public required IReadOnlyList<(Slot Slot, string Name)> Specials { get; init; }

    /// <summary>The part of the register file that holds variables; literals and special registers lie behind
    /// it.</summary>
    public required int VariableUnits { get; init; }

    /// <summary>Log2 of the race detector's cell in shared memory: the narrowest access of the kernel.</summary>
    public required int SharedCellShift { get; init; }

    /// <summary>True when blocks can tell each other something: fences, acquiring or releasing accesses.</summary>
    public required bool Communicates { get; init; }

    /// <summary>True when what is done to global memory depends on the order of blocks: atomics, strong
    /// accesses.</summary>
    public required bool DependsOnOrder { get; init; }

    /// <summary>Indices of the accumulators and fragments of warpgroup products.</summary>
    public required int[] MatrixRegisters { get; init; }

    public required int RegistersPerThread { get; init; }
}
