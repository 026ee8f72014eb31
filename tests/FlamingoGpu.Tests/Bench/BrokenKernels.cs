using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Tests.Bench;

/// <summary>Kernels of which one op gives a slightly wrong number: its last element is off by a thousandth.</summary>
internal sealed class BrokenKernels(IKernelLibrary kernels, string brokenOp) : IKernelLibrary
{
    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var kernel = kernels.Bind(op, inputs, output);
        return op.Name == brokenOp && output.DType == DType.F32 ? new BrokenKernel(kernel, output) : kernel;
    }

    private sealed unsafe class BrokenKernel(BoundKernel kernel, BoundTensor output) : BoundKernel
    {
        public override string Variant => kernel.Variant;

        public override void Run()
        {
            kernel.Run();
            var last = (float*)output.Address + output.Shape.ElementCount - 1;
            *last = *last * 1.001f + 1e-3f;
        }
    }
}
