using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>A warp's part of one <c>wgmma.mma_async</c>, from its issue to the wait that covers it.</summary>
internal sealed class MatrixProduct
{
    public WarpgroupMultiplyOp Op { get; set; } = null!;

    /// <summary>False when the sums begin at 0.</summary>
    public bool Accumulates { get; set; }

    /// <summary>Number of the group it belongs to.</summary>
    public int Group { get; set; }

    /// <summary>True when the registers have the result; it may still not be looked at.</summary>
    public bool IsDone { get; set; }

    /// <summary>Shared addresses of the 16-byte pieces read: those of all of A, if it lies in shared memory, then those
    /// of B.</summary>
    public uint[] Chunks { get; set; } = [];
}
