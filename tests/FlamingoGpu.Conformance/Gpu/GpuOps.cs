using FlamingoGpu.Conformance.Ops;

namespace FlamingoGpu.Conformance.Gpu;

public sealed class GpuActivate : ActivateConformance<VirtualTarget>;

public sealed class GpuLogSoftmax : LogSoftmaxConformance<VirtualTarget>;

public sealed class GpuMatMul : MatMulConformance<VirtualTarget>;

public sealed class GpuMoving : MovingConformance<VirtualTarget>;

public sealed class GpuNarrowMatMul : NarrowMatMulConformance<ManySchedules>;

public sealed class GpuNarrowMatMulSm80 : NarrowMatMulConformance<WithoutWarpgroups>;

public sealed class GpuNarrowRow : NarrowRowConformance<VirtualTarget>;

public sealed class GpuNorm : NormConformance<VirtualTarget>;

public sealed class GpuRotary : RotaryConformance<VirtualTarget>;

public sealed class GpuSampling : SamplingConformance<VirtualTarget>;
