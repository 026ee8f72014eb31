using FlamingoGpu.Conformance.Ops;

namespace FlamingoGpu.Conformance.Gpu;

public sealed class GpuNorm : NormConformance<VirtualTarget>;
