namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUfunction_attribute</c>: those values used here.</summary>
internal enum CudaFunctionAttribute
{
    /// <summary>Shared memory declared in the text, in bytes.</summary>
    SharedBytes = 1,

    /// <summary>Local memory of a thread in bytes: stack and spilled registers.</summary>
    LocalBytes = 3,

    /// <summary>Registers of a thread.</summary>
    Registers = 4,

    /// <summary>Compute capability the code was made for, times ten.</summary>
    BinaryVersion = 6,

    /// <summary>Largest dynamic shared memory a launch may ask for, in bytes; can be set.</summary>
    MaxDynamicShared = 8,

    /// <summary>Share of the level-1 cache wanted as shared memory, in percent; can be set.</summary>
    SharedCarveout = 9,

    /// <summary>Clusters of more than 8 blocks; can be set.</summary>
    NonPortableCluster = 14,
}
