using FlamingoGpu.Conformance.Ops;

namespace FlamingoGpu.Conformance.Gpu;

public sealed class GpuMatMul : MatMulConformance<VirtualTarget>;

public sealed class GpuNorm : NormConformance<VirtualTarget>;
