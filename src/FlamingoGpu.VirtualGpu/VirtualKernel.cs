using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu;

/// <summary>A kernel that can be launched on the device its module was loaded into.</summary>
public sealed class VirtualKernel
{
    private readonly int _computeMajor;

    internal VirtualKernel(Program program, int computeMajor) => (Program, _computeMajor) = (program, computeMajor);

    /// <summary>Entry name.</summary>
    public string Name => Program.Kernel.Name;

    /// <summary>The kernel as read: parameters, shared memory, instructions.</summary>
    public PtxEntry Ptx => Program.Kernel;

    /// <summary>Estimated registers for each thread, see <see cref="Occupancy"/>.</summary>
    public int RegistersPerThread => Program.RegistersPerThread;

    /// <summary>
    /// Most bytes of dynamic shared memory a launch may ask for; starts at what needs no opt-in (48 KiB less the fixed
    /// part) and is raised by <see cref="AllowDynamicShared"/>, as with the driver.
    /// </summary>
    public int DynamicSharedLimit { get; private set; } = -1;

    internal Program Program { get; }

    /// <summary>The estimate for a launch shape.</summary>
    public Occupancy Occupancy(int threads, int dynamicSharedBytes) =>
        new(RegistersPerThread, Ptx.StaticSharedByteLength + dynamicSharedBytes, threads, _computeMajor);

    /// <summary>Allows launches with up to <paramref name="bytes"/> of dynamic shared memory.</summary>
    public void AllowDynamicShared(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        DynamicSharedLimit = bytes;
    }
}
