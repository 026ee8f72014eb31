using System.Runtime.InteropServices;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary><c>CUlaunchAttribute</c>: an id and 64 bytes whose meaning it decides.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct CudaLaunchAttribute
{
    /// <summary>Which.</summary>
    [FieldOffset(0)]
    public CudaLaunchAttributeId Id;

    /// <summary>First word of the value; cluster sizes use three.</summary>
    [FieldOffset(8)]
    public uint Value;
}
