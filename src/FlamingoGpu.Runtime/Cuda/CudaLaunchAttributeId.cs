namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUlaunchAttributeID</c>.</summary>
internal enum CudaLaunchAttributeId
{
    /// <summary>Level-2 residency of an address range.</summary>
    AccessPolicyWindow = 1,

    /// <summary>All blocks at once.</summary>
    Cooperative = 2,

    /// <summary>Blocks of a cluster, three counts.</summary>
    ClusterDimension = 4,

    /// <summary>How clusters are placed.</summary>
    ClusterScheduling = 5,

    /// <summary>May start before its predecessor in the stream is done.</summary>
    ProgrammaticStreamSerialization = 6,

    /// <summary>An event that a kernel releases.</summary>
    ProgrammaticEvent = 7,

    /// <summary>Priority.</summary>
    Priority = 8,
}
