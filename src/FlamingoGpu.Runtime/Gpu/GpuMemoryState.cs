namespace FlamingoGpu.Runtime.Gpu;

/// <summary>Memory of a device at one moment, in bytes.</summary>
/// <param name="FreeBytes">Could still be allocated.</param>
/// <param name="TotalBytes">All of it.</param>
public readonly record struct GpuMemoryState(long FreeBytes, long TotalBytes);
