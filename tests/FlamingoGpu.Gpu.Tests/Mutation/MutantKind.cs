namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>What a mutant lacks.</summary>
public enum MutantKind
{
    /// <summary>One barrier (of a block or a warp) is deleted.</summary>
    Barrier,

    /// <summary>One wait for asynchronous copies is deleted.</summary>
    Wait,

    /// <summary>One wait allows one group more to be under way.</summary>
    WeakWait,

    /// <summary>One group of asynchronous copies is not closed.</summary>
    Commit,

    /// <summary>One fence before the products of a warpgroup is deleted.</summary>
    Fence,

    /// <summary>The wait for the kernels in front is deleted.</summary>
    DependentWait,

    /// <summary>The wait for the kernels in front stands behind the next access of global memory.</summary>
    LateDependentWait,

    /// <summary>One guarded instruction is executed by all threads, or one conditional branch is never taken.</summary>
    Guard,

    /// <summary>One comparison is always true.</summary>
    Bound,

    /// <summary>One ring offset is a stage too large.</summary>
    Stage,
}
