namespace FlamingoGpu.Conformance.Gpu;

/// <summary>The virtual GPU of compute capability 8.0.</summary>
public sealed class WithoutWarpgroups() : VirtualTarget(2, computeMajor: 8);
