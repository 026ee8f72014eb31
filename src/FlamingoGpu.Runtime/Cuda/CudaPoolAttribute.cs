namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUmemPool_attribute</c>: those values used here, each a 64-bit count of bytes.</summary>
internal enum CudaPoolAttribute
{
    /// <summary>Freed memory kept for the next allocation at a synchronisation.</summary>
    ReleaseThreshold = 4,

    /// <summary>Taken from the device.</summary>
    ReservedCurrent = 5,

    /// <summary>In use.</summary>
    UsedCurrent = 7,
}
