namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUdevice_attribute</c>: those values asked for here.</summary>
internal enum CudaDeviceAttribute
{
    /// <summary>Clock of the multiprocessors in kHz.</summary>
    ClockRate = 13,

    /// <summary>Multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>Clock of the memory in kHz, two transfers each.</summary>
    MemoryClockRate = 36,

    /// <summary>Width of the memory bus in bits.</summary>
    MemoryBusWidth = 37,

    /// <summary>Level-2 cache in bytes.</summary>
    L2CacheSize = 38,

    /// <summary>Threads one multiprocessor keeps.</summary>
    ThreadsPerMultiprocessor = 39,

    /// <summary>Compute capability, major part.</summary>
    ComputeMajor = 75,

    /// <summary>Compute capability, minor part.</summary>
    ComputeMinor = 76,

    /// <summary>Shared memory of a multiprocessor in bytes.</summary>
    SharedPerMultiprocessor = 81,

    /// <summary>32-bit registers of a multiprocessor.</summary>
    RegistersPerMultiprocessor = 82,

    /// <summary>Shared memory a block can have at most, with opt-in, in bytes.</summary>
    SharedPerBlockOptIn = 97,

    /// <summary>Bytes of level-2 cache that can be set aside.</summary>
    PersistingL2 = 108,

    /// <summary>1 where <c>cuMemAllocAsync</c> works.</summary>
    MemoryPools = 115,

    /// <summary>1 where blocks can form clusters.</summary>
    ClusterLaunch = 120,
}
