using FlamingoGpu.Conformance.Ops;

namespace FlamingoGpu.Conformance.Gpu;

public sealed class GpuCausalAttention : CausalAttentionConformance<VirtualTarget>;

public sealed class GpuLatentAttention : LatentAttentionConformance<VirtualTarget>;

public sealed class GpuMediaCrossAttention : MediaCrossAttentionConformance<VirtualTarget>;

public sealed class GpuNorm : NormConformance<VirtualTarget>;
