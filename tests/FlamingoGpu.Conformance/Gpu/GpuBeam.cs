using FlamingoGpu.Conformance.Ops;
using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance.Gpu;

public sealed class GpuBeam : BeamConformance<VirtualTarget>
{
    [Theory]
    [InlineData(3, 16)]
    [InlineData(2, 6)]
    [InlineData(4, 5)]
    public void ReorderRows_NarrowCache_IsContinued(int group, int width)
    {
        Reorder(DType.BF16, group, width);
        Reorder(DType.F16, group, width);
    }
}
