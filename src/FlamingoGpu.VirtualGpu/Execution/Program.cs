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

    /// <summary>Log2 of the race detector's cell in shared and in global memory: the narrowest access of the
    /// kernel.</summary>
    public required int SharedCellShift { get; init; }

    public required int GlobalCellShift { get; init; }

    public required int RegistersPerThread { get; init; }
}
