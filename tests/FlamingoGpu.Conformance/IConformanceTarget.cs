using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Conformance;

/// <summary>A device under test: the op tests are written once against this and instantiated per device.</summary>
public interface IConformanceTarget : IDisposable
{
    IDevice Device { get; }

    IKernelLibrary Kernels { get; }

    /// <summary>True when kernels take operands at any byte address; a GPU needs elements at multiples of their
    /// size.</summary>
    bool TakesAnyAddress { get; }

    /// <summary>
    /// True when kernels throw at a row, token or position that does not exist; a GPU fills the result with NaN.
    /// </summary>
    bool ThrowsOnBadIndices { get; }

    /// <summary>Bytes the device has allocated and not freed.</summary>
    long LiveBytes { get; }
}
