using System.Runtime.Intrinsics;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The processor's implementation of every op contract, for the widest vectors the machine has. Binding may reserve
/// scratch memory of the device; running allocates nothing. Not safe for concurrent use.
/// </summary>
/// <param name="device">The device; must outlive the library and its kernels.</param>
public sealed class CpuKernels(CpuDevice device) : IKernelLibrary, IDisposable
{
    private readonly IKernelLibrary _binder =
        Vector512.IsHardwareAccelerated ? new CpuBinder<Lanes16>(device)
        : Vector256.IsHardwareAccelerated ? new CpuBinder<Lanes8>(device)
        : new CpuBinder<Lanes4>(device);

    /// <inheritdoc/>
    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        ArgumentNullException.ThrowIfNull(op);
        return _binder.Bind(op, inputs, output);
    }

    /// <summary>Frees what the kernels share; none may run afterwards.</summary>
    public void Dispose() => (_binder as IDisposable)?.Dispose();
}
