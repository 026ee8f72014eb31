namespace FlamingoGpu.Kernels;

/// <summary>A device's implementations of the op contracts.</summary>
public interface IKernelLibrary
{
    /// <summary>
    /// Chooses the fastest kernel that fits the op, the shapes and the types, and ties it to its memory. Inputs may be
    /// column slices (<see cref="BoundTensor.RowPitch"/>); the output is contiguous and may be the same memory as the
    /// input named by <see cref="Op.InPlaceInput"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">The device has no kernel for this op and these types; says which.</exception>
    BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output);

    /// <summary>
    /// Whether one kernel does a normalisation and the product behind it, faster than two: then <see cref="Bind"/>
    /// takes the pair for these operands. No device must.
    /// </summary>
    bool Fuses(NormedMatMul op, ReadOnlySpan<BoundTensor> inputs) => false;
}
