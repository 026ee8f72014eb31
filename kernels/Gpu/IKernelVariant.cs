using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A kernel with its build-time choices made: a record of types and tile sizes, the template parameters. Variants of
/// one name give one text.
/// </summary>
internal interface IKernelVariant
{
    /// <summary>Entry name: says the idea, the types and the sizes, such as <c>layer_norm_f32_bf16</c>.</summary>
    string Name { get; }

    /// <summary>Stages the kernel.</summary>
    PtxKernel Build();
}
