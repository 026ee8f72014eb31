namespace FlamingoGpu.Profiling;

/// <summary>What a profile measures its nodes in.</summary>
public enum ProfileUnit
{
    /// <summary>Time on the host's clock: the cpu device, whose work is done when a call returns.</summary>
    HostNanoseconds,

    /// <summary>Time between two events on the device: a real GPU.</summary>
    DeviceNanoseconds,

    /// <summary>Instructions of a warp, counted by the virtual GPU, which has no time.</summary>
    WarpInstructions,
}
