namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>What an instruction does to the memory it names.</summary>
internal enum Access
{
    /// <summary>An ordinary load.</summary>
    Read,

    /// <summary>A load that the whole warp makes together (<c>ldmatrix</c>): any lane may get what another one
    /// named.</summary>
    CollectiveRead,

    /// <summary>An ordinary store.</summary>
    Write,

    /// <summary>A volatile, relaxed or acquiring load: may meet other strong accesses.</summary>
    StrongRead,

    /// <summary>A volatile, relaxed or releasing store, or an atomic.</summary>
    StrongWrite,

    /// <summary>The destination of an asynchronous copy at the moment it is issued.</summary>
    AsyncWrite,
}
