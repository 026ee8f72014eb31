using FlamingoGpu.Core;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A kernel's C# text stages something that is not a kernel: a value read outside the block that defines it, a warp
/// instruction under a guard, an asynchronous copy nobody waits for. Thrown while the kernel is built, with its line.
/// </summary>
public sealed class KernelDefinitionException : FlamingoException
{
    /// <summary>A mistake in <paramref name="kernel"/> near <paramref name="source"/>.</summary>
    /// <param name="kernel">Name of the kernel being built.</param>
    /// <param name="source">C# file and line, such as <c>Gemm.cs:41</c>.</param>
    /// <param name="problem">What is wrong and what to do.</param>
    public KernelDefinitionException(string kernel, string source, string problem)
        : base($"kernel '{kernel}', {source}: {problem}")
    {
        Kernel = kernel;
        SourceLine = source;
    }

    /// <summary>Name of the kernel being built.</summary>
    public string Kernel { get; }

    /// <summary>C# file and line of the mistake, such as <c>Gemm.cs:41</c>.</summary>
    public string SourceLine { get; }
}
