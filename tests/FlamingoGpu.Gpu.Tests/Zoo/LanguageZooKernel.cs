using System.Runtime.CompilerServices;
using FlamingoGpu.Ptx;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Zoo;

/// <summary>
/// A small kernel in two readings, one with a known bug. It reads <c>x</c> (1024 singles) and writes <c>y</c> (256).
/// </summary>
/// <param name="name">Entry name.</param>
/// <param name="kind">The check meant for the bug; null when only the result or the unwritten output can tell.</param>
/// <param name="threads">Threads of a block.</param>
/// <param name="blocks">Blocks.</param>
/// <param name="body">The device code; its first argument says whether the bug is in.</param>
internal sealed class LanguageZooKernel(
    string name, FindingKind? kind, int threads, int blocks, Action<LanguageZooKernel, bool, Ptr<F32>, Ptr<F32>> body)
{
    public string Name => name;

    public FindingKind? Kind => kind;

    public int Blocks => blocks;

    /// <summary>C# line where the bug must be reported.</summary>
    public int Line { get; private set; }

    /// <summary>Results of the corrected kernel.</summary>
    public required Func<float[], float[]> Expected { get; init; }

    /// <summary>Marks the line it stands on as the one where the bug shows.</summary>
    public void Here([CallerLineNumber] int line = 0) => Line = line;

    public PtxKernel Build(bool isBroken) => PtxKernel.Define(
        name, new BlockShape(threads),
        new KernelFacts { Grid = _ => new GridShape(blocks), Flops = _ => 0, Bytes = _ => 0 },
        k => body(this, isBroken, k.Input<F32>("x"), k.InOut<F32>("y")));
}
