using FlamingoGpu.Conformance.Ops;

namespace FlamingoGpu.Conformance.Cpu;

public sealed class CpuActivate : ActivateConformance<CpuTarget>;

public sealed class CpuAttention : AttentionConformance<CpuTarget>;

public sealed class CpuBeam : BeamConformance<CpuTarget>;

public sealed class CpuLatentAttention : LatentAttentionConformance<CpuTarget>;

public sealed class CpuLogSoftmax : LogSoftmaxConformance<CpuTarget>;

public sealed class CpuMatMul : MatMulConformance<CpuTarget>;

public sealed class CpuMediaCrossAttention : MediaCrossAttentionConformance<CpuTarget>;

public sealed class CpuMoving : MovingConformance<CpuTarget>;

public sealed class CpuNorm : NormConformance<CpuTarget>;

public sealed class CpuRotary : RotaryConformance<CpuTarget>;

public sealed class CpuSampling : SamplingConformance<CpuTarget>;
