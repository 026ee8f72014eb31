namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The virtual GPU with four schedules for every launch.</summary>
public sealed class FourSchedules() : VirtualTarget(4);
