using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// A finished kernel: its PTX text and everything a launch needs to know. Immutable; building it twice gives the same
/// bytes.
/// </summary>
public sealed class PtxKernel
{
    private PtxKernel(string name, Emitter emitter, KernelBuilder builder, KernelFacts facts)
    {
        Name = name;
        Facts = facts;
        Block = emitter.Block!.Value;
        Parameters = builder.Parameters;
        StaticSharedBytes = emitter.Shared.StaticBytes;
        DynamicSharedBytes = emitter.Shared.LaunchBytes;
        var code = emitter.Instructions;
        Cleanup.Run(code);
        RegisterEstimate = Liveness.LargestWordCount(code);
        InstructionCount = code.Count(instruction => !instruction.IsLabel && !instruction.IsForDependentLaunch);
        Text = PtxWriter.Write(emitter, code, Parameters, isDependent: false);
        DependentText = PtxWriter.Write(emitter, code, Parameters, isDependent: true);
    }

    /// <summary>Name of the entry in the module.</summary>
    public string Name { get; }

    /// <summary>The PTX module: one entry, ASCII, lines ended by LF.</summary>
    public string Text { get; }

    /// <summary>
    /// The same kernel for devices of compute capability 9.0 that launch it before its predecessor in the stream is
    /// done: with <c>griddepcontrol.launch_dependents</c> first and one <c>griddepcontrol.wait</c>.
    /// </summary>
    public string DependentText { get; }

    /// <summary>Threads of one block; also written into the text as <c>.maxntid</c>.</summary>
    public BlockShape Block { get; }

    /// <summary>Parameters in launch order.</summary>
    public IReadOnlyList<KernelParameter> Parameters { get; }

    /// <summary>Shared memory declared in the text, in bytes.</summary>
    public int StaticSharedBytes { get; }

    /// <summary>Shared memory to ask for at launch, in bytes; above 48 KiB the function must be told first.</summary>
    public int DynamicSharedBytes { get; }

    /// <summary>
    /// 32-bit registers that hold live values at the fullest place; what the assembler takes is close to it.
    /// </summary>
    public int RegisterEstimate { get; }

    /// <summary>Instructions in <see cref="Text"/>.</summary>
    public int InstructionCount { get; }

    /// <summary>Grid rule, work and bytes.</summary>
    public KernelFacts Facts { get; }

    /// <summary>Stages <paramref name="body"/> once and writes it as PTX.</summary>
    /// <param name="name">Name of the entry: letters, digits and '_'.</param>
    /// <param name="block">Threads of one block, at most 1024.</param>
    /// <param name="facts">What the kernel promises about its launches.</param>
    /// <param name="body">The device code; runs now, on this thread.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <exception cref="KernelDefinitionException">The body stages something that is not a kernel.</exception>
    public static PtxKernel Define(
        string name, BlockShape block, KernelFacts facts, Action<KernelBuilder> body,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var site = Site.At(line, file);
        if (!IsIdentifier(name))
            throw new KernelDefinitionException(name, site.ToString(), "the name is no PTX identifier.");
        if (block.X < 1 || block.Y < 1 || block.Z < 1 || (long)block.X * block.Y * block.Z > 1024 || block.Z > 64)
            throw new KernelDefinitionException(name, site.ToString(), $"no device can launch a block of {block}.");
        KernelBuilder? builder = null;
        var emitter = Emitter.Stage(name, site, emitter =>
        {
            emitter.Block = block;
            builder = new KernelBuilder(emitter);
            body(builder);
        });
        if (emitter.Shared.StaticBytes > 48 * 1024)
        {
            throw new KernelDefinitionException(name, site.ToString(),
                $"{emitter.Shared.StaticBytes} bytes of declared shared memory; the limit is 49152, use dynamic ones.");
        }

        return new PtxKernel(name, emitter, builder!, facts);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static bool IsIdentifier(string name) =>
        name.Length is > 0 and <= 200
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
