namespace FlamingoGpu.Graph;

/// <summary>Where a <see cref="Storage"/> gets its memory.</summary>
internal enum StorageKind
{
    /// <summary>A node's result: planned into the arena by liveness.</summary>
    Activation,

    /// <summary>Written by the host before a run; has its own place in the arena.</summary>
    Input,

    /// <summary>A constant of the model.</summary>
    Weight,

    /// <summary>Memory that outlives runs: a key-value cache.</summary>
    State,
}
