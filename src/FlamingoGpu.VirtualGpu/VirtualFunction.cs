using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.VirtualGpu;

/// <summary>A kernel of the virtual GPU behind the driver seam.</summary>
internal sealed class VirtualFunction(VirtualKernel kernel) : IGpuFunction
{
    public VirtualKernel Kernel => kernel;

    public string Name => kernel.Name;

    public int RegistersPerThread => kernel.RegistersPerThread;

    public int LocalBytesPerThread => 0;

    public int StaticSharedBytes => checked((int)kernel.Ptx.StaticSharedByteLength);

    public void AllowDynamicShared(int byteLength) => kernel.AllowDynamicShared(byteLength);

    public int BlocksPerMultiprocessor(int threads, int dynamicSharedBytes) =>
        kernel.Occupancy(threads, dynamicSharedBytes).Blocks;
}
