namespace FlamingoGpu.VirtualGpu;

/// <summary>Which check of the virtual GPU complains.</summary>
public enum FindingKind
{
    /// <summary>Two accesses of the same bytes, at least one a write, with nothing that orders them.</summary>
    Race,

    /// <summary>Shared memory was read while a <c>cp.async</c> into it was not yet waited for; or a product of a
    /// warpgroup was never waited for.</summary>
    MissingWait,

    /// <summary>A value that nobody wrote reached an address, a branch, global memory or an atomic.</summary>
    UninitialisedUse,

    /// <summary>An access outside every allocation, or outside the block's shared memory.</summary>
    OutOfBounds,

    /// <summary>An address that is not a multiple of the access size.</summary>
    Misaligned,

    /// <summary>A barrier that only some threads of a warp reached together.</summary>
    DivergentBarrier,

    /// <summary>Warps arrived at one barrier with different thread counts, or with a count that cannot be.</summary>
    BarrierMismatch,

    /// <summary>A warp-wide instruction ran while threads it needs were elsewhere or had ended.</summary>
    PartialWarp,

    /// <summary>No warp can go on.</summary>
    Deadlock,

    /// <summary>The instruction budget of the launch ran out: most likely an endless loop.</summary>
    NoProgress,

    /// <summary>The kernel executed <c>trap</c>.</summary>
    Trap,

    /// <summary>Another order of warps gave other bytes.</summary>
    Nondeterminism,

    /// <summary>A kernel that may start before its predecessor is done read, before it waited for it, what one of the
    /// kernels before wrote, or wrote anything, or never waited.</summary>
    EarlyAccess,

    /// <summary>A store, atomic or data transfer hit memory that must not be written, such as <c>.const</c>.</summary>
    ReadOnlyWrite,

    /// <summary>A product of a warpgroup reads shared memory that was written without a <c>fence.proxy.async</c>
    /// after it.</summary>
    MissingProxyFence,

    /// <summary>A product of a warpgroup takes registers that were touched without a <c>wgmma.fence</c> after
    /// it.</summary>
    MissingRegisterFence,

    /// <summary>A register was read or written while a product of a warpgroup that uses it was under way.</summary>
    RegisterInFlight,

    /// <summary>The four warps of a warpgroup did not execute the same instruction with the same operands.</summary>
    WarpgroupMismatch,

    /// <summary>A matrix descriptor says what cannot be, or what the virtual GPU does not execute.</summary>
    InvalidDescriptor,
}
