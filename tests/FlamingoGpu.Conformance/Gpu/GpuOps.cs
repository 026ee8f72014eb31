using FlamingoGpu.Conformance.Ops;

namespace FlamingoGpu.Conformance.Gpu;

public sealed class GpuActivate : ActivateConformance<VirtualTarget>;

public sealed class GpuAttention : AttentionConformance<VirtualTarget>;

public sealed class GpuCausalAttention : CausalAttentionConformance<VirtualTarget>;

public sealed class GpuLatentAttention : LatentAttentionConformance<VirtualTarget>;

public sealed class GpuLogSoftmax : LogSoftmaxConformance<VirtualTarget>;

public sealed class GpuMatMul : MatMulConformance<VirtualTarget>;

public sealed class GpuMediaCrossAttention : MediaCrossAttentionConformance<VirtualTarget>;

public sealed class GpuMoving : MovingConformance<VirtualTarget>;

public sealed class GpuNorm : NormConformance<VirtualTarget>;

public sealed class GpuRotary : RotaryConformance<VirtualTarget>;
