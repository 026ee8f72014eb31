using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Gpu;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUlaunchConfig</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct CudaLaunchConfig
{
    /// <summary>Blocks along x.</summary>
    [FieldOffset(0)]
    public uint GridX;

    /// <summary>Blocks along y.</summary>
    [FieldOffset(4)]
    public uint GridY;

    /// <summary>Blocks along z.</summary>
    [FieldOffset(8)]
    public uint GridZ;

    /// <summary>Threads of a block along x.</summary>
    [FieldOffset(12)]
    public uint BlockX;

    /// <summary>Threads along y.</summary>
    [FieldOffset(16)]
    public uint BlockY;

    /// <summary>Threads along z.</summary>
    [FieldOffset(20)]
    public uint BlockZ;

    /// <summary>Dynamic shared memory in bytes.</summary>
    [FieldOffset(24)]
    public uint SharedBytes;

    /// <summary><c>CUstream</c>.</summary>
    [FieldOffset(32)]
    public nint Stream;

    /// <summary>Attributes, or null.</summary>
    [FieldOffset(40)]
    public CudaLaunchAttribute* Attributes;

    /// <summary>How many.</summary>
    [FieldOffset(48)]
    public uint AttributeCount;

    /// <summary>A launch without attributes.</summary>
    public static CudaLaunchConfig Of(GpuLaunchShape shape, nint stream) => new()
    {
        GridX = (uint)shape.GridX,
        GridY = (uint)shape.GridY,
        GridZ = (uint)shape.GridZ,
        BlockX = (uint)shape.BlockX,
        BlockY = (uint)shape.BlockY,
        BlockZ = (uint)shape.BlockZ,
        SharedBytes = (uint)shape.DynamicSharedBytes,
        Stream = stream,
    };
}
