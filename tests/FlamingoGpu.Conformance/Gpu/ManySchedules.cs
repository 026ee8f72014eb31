namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The virtual GPU with four schedules a launch: for kernels whose warps share rings of shared memory.</summary>
public sealed class ManySchedules() : VirtualTarget(4);
