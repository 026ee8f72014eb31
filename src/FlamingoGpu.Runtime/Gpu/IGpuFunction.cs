using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Gpu;

/// <summary>A kernel that can be launched on the device its module was loaded into.</summary>
public interface IGpuFunction
{
    /// <summary>Name of the entry.</summary>
    string Name { get; }

    /// <summary>Registers of each thread, as assembled (an estimate on the virtual GPU).</summary>
    int RegistersPerThread { get; }

    /// <summary>Local memory of each thread in bytes: more than 0 means that registers were spilled.</summary>
    int LocalBytesPerThread { get; }

    /// <summary>Shared memory declared in the text, in bytes.</summary>
    int StaticSharedBytes { get; }

    /// <summary>Allows launches with up to <paramref name="byteLength"/> of dynamic shared memory.</summary>
    /// <exception cref="DeviceException">The device has less.</exception>
    void AllowDynamicShared(int byteLength);

    /// <summary>Blocks of this function that fit one multiprocessor together.</summary>
    int BlocksPerMultiprocessor(int threads, int dynamicSharedBytes);
}
