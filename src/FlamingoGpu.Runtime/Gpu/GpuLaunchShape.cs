namespace FlamingoGpu.Runtime.Gpu;

/// <summary>The shape of one launch.</summary>
/// <param name="GridX">Blocks along x.</param>
/// <param name="GridY">Blocks along y.</param>
/// <param name="GridZ">Blocks along z.</param>
/// <param name="BlockX">Threads of a block along x.</param>
/// <param name="BlockY">Threads along y.</param>
/// <param name="BlockZ">Threads along z.</param>
/// <param name="DynamicSharedBytes">Shared memory beyond what the text declares.</param>
/// <param name="StartsEarly">
/// True to let the kernel start before its predecessor in the stream is done (programmatic dependent launch): only for
/// a text that waits for it itself, and on a device with <see cref="GpuProperties.HasDependentLaunch"/>. Behind
/// anything but a kernel it changes nothing.
/// </param>
public readonly record struct GpuLaunchShape(
    int GridX, int GridY, int GridZ, int BlockX, int BlockY, int BlockZ, int DynamicSharedBytes,
    bool StartsEarly = false);
